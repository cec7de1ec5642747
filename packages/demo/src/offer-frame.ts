import type { Clock } from "./clock.ts";
import { SinkTimeoutError } from "./errors.ts";
import type { SimulatedFrame, Sink } from "./sink.ts";

/** The time that one frame has, and the wait before a sink is asked again. */
export interface Patience {
  give_up_after_ms: number;
  retry_after_ms: number;
}

/** What became of a frame. `failure` is the last error of a frame that was dropped. */
export type Outcome = { sent: true; attempts: number } | { sent: false; attempts: number; failure: unknown };

interface Offer {
  sink: Sink;
  clock: Clock;
  patience: Patience;
  /** Aborts when no further attempt is to be made; the one in flight may still end. */
  stopping: AbortSignal;
}

/** Gives a frame to a sink, again and again until it is taken or its time is over. Never rejects. */
export async function offerFrame(frame: SimulatedFrame, { sink, clock, patience, stopping }: Offer): Promise<Outcome> {
  const over = new AbortController();
  const until_ms = clock.now_ms() + patience.give_up_after_ms;
  const limit = clock.sleep(patience.give_up_after_ms, over.signal).then(() => over.abort());
  try {
    for (let attempts = 1; ; attempts++) {
      const failure = await attempt(sink, frame, over.signal, patience);
      if (failure === null) return { sent: true, attempts };
      const late = clock.now_ms() + patience.retry_after_ms >= until_ms;
      if (over.signal.aborted || stopping.aborted || late) return { sent: false, attempts, failure };
      await clock.sleep(patience.retry_after_ms, AbortSignal.any([over.signal, stopping]));
      if (stopping.aborted) return { sent: false, attempts, failure };
    }
  } finally {
    over.abort();
    await limit;
  }
}

/** Null when the sink took the frame. A sink that does not heed its signal is left behind. */
async function attempt(sink: Sink, frame: SimulatedFrame, signal: AbortSignal, { give_up_after_ms }: Patience) {
  const { promise: late, resolve } = Promise.withResolvers<unknown>();
  const onAbort = () => resolve(timeout(frame, give_up_after_ms));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const taken = Promise.resolve(sink(frame, { signal })).then(
      () => null,
      (failure: unknown) => failure ?? new Error("unknown"),
    );
    return await Promise.race([taken, late]);
  } catch (failure) {
    return failure;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function timeout({ frame_id, camera_id }: SimulatedFrame, give_up_after_ms: number): unknown {
  return new SinkTimeoutError(
    `Cannot give away frame "${frame_id}" of camera "${camera_id}" as the sink must take it within ${give_up_after_ms} ms: no answer so far`,
    { facts: { camera_id, frame_id, give_up_after_ms } },
  );
}
