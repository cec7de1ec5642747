/** Where to begin: what comes from now on, everything kept, a sequence, a time. */
export type From = "new" | "all" | { seq: number; epoch?: number } | { time_ms: number };
