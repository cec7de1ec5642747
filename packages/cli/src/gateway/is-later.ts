const LATER: readonly unknown[] = ["UNAVAILABLE", "RATE_LIMITED"];

/** Whether what the WebSocket refused with this code may be asked again. */
export const isLater = (code: unknown): boolean => LATER.includes(code);
