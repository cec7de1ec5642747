const MAX_AHEAD_MS = 5 * 60_000;

/** When a picture was taken: a camera's clock that is more than 5 minutes ahead is not believed, and told. */
export function capturedAt(said_ms: number, broker_ms: number): { captured_at_ms: number; clock_skew_ms?: number } {
  const ahead_ms = said_ms - broker_ms;
  return ahead_ms > MAX_AHEAD_MS ? { captured_at_ms: broker_ms, clock_skew_ms: ahead_ms } : { captured_at_ms: said_ms };
}
