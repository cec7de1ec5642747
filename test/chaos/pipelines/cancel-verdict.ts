import type { AcceptedTrigger, LoggedRun, Reach, RunRow } from "./pipelines-story.ts";

/** A cancel that the bus has acknowledged is written down, unless the run was over before it could be; after it no run begins. */
export function judgeCancel(
  { cancel_acked_at_ms: acked_at_ms }: AcceptedTrigger,
  { cancelled_at_ms, ended_at_ms }: RunRow,
  runs: readonly LoggedRun[],
  reach: Reach,
): string[] {
  if (acked_at_ms === null) return cancelled_at_ms === null ? [] : ["it was cancelled, and nobody asked for that"];
  const faults: string[] = [];
  const in_time_ms = acked_at_ms + reach.cancel_ms;
  if (cancelled_at_ms === null && (ended_at_ms === null || ended_at_ms > in_time_ms))
    faults.push("its cancel was dropped: its row has none");
  const last_ms = (cancelled_at_ms ?? in_time_ms) + reach.begin_ms;
  for (const { run_id, created_at_ms } of runs)
    if (created_at_ms > last_ms)
      faults.push(`run ${run_id} began ${created_at_ms - acked_at_ms} ms after its cancel was acknowledged`);
  return faults;
}
