import type { Bus, FollowFrom, StoredMessage } from "@gatehouse/runtime";

/** The messages of a stream from a point on, read by a consumer of their own. */
export interface Past {
  /** False once it was silent for too long, or closed. */
  readonly open: boolean;
  /** The next one; null when none came for so long that what was to come may have left the stream. */
  next(): Promise<StoredMessage | null>;
  close(): Promise<void>;
}

export interface PastOptions {
  from: FollowFrom;
  filter: string;
  signal: AbortSignal;
}

const SILENT_MS = 5_000;

/** Begins to read with the first `next`. A broker that is away is waited for. */
export function openPast(bus: Bus, stream: string, { from, filter, signal }: PastOptions): Past {
  const closing = new AbortController();
  const options = { filter, signal: AbortSignal.any([signal, closing.signal]) };
  const messages = bus.follow(stream, from, options)[Symbol.asyncIterator]();
  let waiting = false;
  const silence = setTimeout(() => {
    if (waiting && bus.connected) closing.abort();
    else silence.refresh();
  }, SILENT_MS).unref();
  return {
    get open() {
      return !closing.signal.aborted;
    },
    async next() {
      waiting = true;
      silence.refresh();
      const { value, done } = await messages.next().finally(() => {
        waiting = false;
      });
      return done ? null : value;
    },
    async close() {
      closing.abort();
      clearTimeout(silence);
      await messages.return?.();
    },
  };
}
