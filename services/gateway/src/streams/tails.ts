import { describeError } from "@gatehouse/errors";
import { type Bus, type Log, StreamResetError } from "@gatehouse/runtime";
import { Tail } from "./tail.ts";

/** A tail that somebody uses. */
export interface Held {
  readonly tail: Tail;
  /** Says that it is no longer used; may be called again. */
  release(): void;
}

/** One tail for each stream that is followed; one that nobody used for 10 s ends. */
export interface Tails {
  /** @throws {BusUnavailableError | NoStreamError} */
  hold(stream: string): Promise<Held>;
  /** The stream was made anew: this tail ends, its readers are told, and the next who asks gets a new one. */
  renew(tail: Tail): Promise<void>;
  close(): void;
}

const LINGER_MS = 10_000;

interface Kept {
  opened: Promise<Tail>;
  holders: number;
  ending: AbortController;
  timer: NodeJS.Timeout | null;
}

export function createTails(bus: Bus, log: Log, signal: AbortSignal): Tails {
  const kept = new Map<string, Kept>();
  const drop = (stream: string, one: Kept): void => {
    if (one.timer) clearTimeout(one.timer);
    one.ending.abort();
    if (kept.get(stream) === one) kept.delete(stream);
  };
  const open = (stream: string): Kept => {
    const ending = new AbortController();
    const opened = bus.stream(stream).then((state) => {
      const tail = new Tail(state);
      void tail.run(bus, AbortSignal.any([ending.signal, signal])).catch((error: unknown) => {
        log.warn({ stream, reason: describeError(error).message }, "tail of a stream ended");
        drop(stream, one);
      });
      return tail;
    });
    const one: Kept = { opened, holders: 0, ending, timer: null };
    opened.catch(() => drop(stream, one));
    kept.set(stream, one);
    return one;
  };
  const release = (stream: string, one: Kept): void => {
    one.holders--;
    if (one.holders === 0) one.timer = setTimeout(() => drop(stream, one), LINGER_MS).unref();
  };
  return {
    async hold(stream) {
      const one = kept.get(stream) ?? open(stream);
      one.holders++;
      if (one.timer) clearTimeout(one.timer);
      let held = true;
      const letGo = () => {
        if (held) release(stream, one);
        held = false;
      };
      try {
        return { tail: await one.opened, release: letGo };
      } catch (error) {
        letGo();
        throw error;
      }
    },
    async renew(tail) {
      const one = kept.get(tail.stream);
      if (one && (await one.opened) === tail) drop(tail.stream, one);
      tail.end(new StreamResetError(`Cannot go on to follow "${tail.stream}" as it was made anew`));
    },
    close() {
      for (const [stream, one] of kept) drop(stream, one);
    },
  };
}
