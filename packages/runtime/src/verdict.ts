/** What a handler decides about the message or due row it was given. The runtime does the rest. */
export type Verdict =
  | { readonly kind: "ack" }
  | { readonly kind: "retry"; readonly after_ms: number }
  | { readonly kind: "removed" };

/** Done: it will not come again. */
export const ack: Verdict = Object.freeze({ kind: "ack" });

/** Done, and its due row was removed with what it was about, in one transaction. */
export const removed: Verdict = Object.freeze({ kind: "removed" });

/** Not now: again after this time (at most 30 s; longer waits are due work). Uses up no failure. */
export const retry = ({ afterMs }: { afterMs: number }): Verdict => ({ kind: "retry", after_ms: afterMs });
