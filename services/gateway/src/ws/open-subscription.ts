import { StreamResetError, type StreamState } from "@gatehouse/runtime";
import type { Deps } from "../deps.ts";
import { BadMessageError, StreamWasResetError } from "../errors.ts";
import { type CatchUp, catchUp } from "../streams/catch-up.ts";
import type { Held } from "../streams/tails.ts";
import type { Turns } from "../streams/turns.ts";
import { streamKeeping } from "../streams/where-kept.ts";
import type { Subscribe } from "./requests.ts";
import type { Subscription } from "./subscription.ts";

export interface Opening {
  request: Subscribe;
  subscription: Subscription;
  deps: Pick<Deps, "bus" | "tails" | "live">;
  turns: Turns;
  send(value: object): void;
}

/**
 * Begins a subscription: tells where the stream stands, then what is wanted of the past, then all that comes.
 * @throws what makes it impossible; nothing was told then
 */
export async function openSubscription(opening: Opening): Promise<void> {
  const { request, subscription } = opening;
  const stream = streamKeeping(request.subject);
  if (stream === null) return openLive(opening);
  const { held, state } = await holdCurrent(stream, opening.deps);
  if (subscription.signal.aborted) return held.release();
  try {
    subscription.signal.addEventListener("abort", () => {
      held.tail.remove(subscription);
      held.release();
    });
    follow(opening, held, state);
  } catch (error) {
    held.release();
    throw error;
  }
}

/** The tail of a stream as it is now; one of a stream that was made anew since is replaced. */
async function holdCurrent(
  stream: string,
  { bus, tails }: Opening["deps"],
): Promise<{ held: Held; state: StreamState }> {
  for (let again = false; ; again = true) {
    const held = await tails.hold(stream);
    try {
      const state = await bus.stream(stream);
      if (state.epoch === held.tail.epoch) return { held, state };
      await tails.renew(held.tail);
    } catch (error) {
      held.release();
      throw error;
    }
    held.release();
    if (again) throw new StreamWasResetError(`Cannot follow "${stream}" now as it is being made anew`);
  }
}

/** Subjects that no stream keeps can only be heard as they come. */
function openLive({ request, subscription, deps, send }: Opening): void {
  const { id, subject, from = "new" } = request;
  if (from !== "new")
    throw new BadMessageError(
      `Cannot follow "${subject}" from the past as it is only told as it comes: from must be "new"`,
    );
  subscription.signal.addEventListener("abort", deps.live.follow(subscription));
  send({ op: "subscribed", id, stream: null, epoch: null, first_seq: null, seq: null });
}

/** From here to the tail nothing waits for anything when only what is new is wanted: so nothing can slip through. */
function follow({ request, subscription, deps, turns, send }: Opening, { tail }: Held, state: StreamState): void {
  const { id, from = "new" } = request;
  const last_seq = Math.max(state.last_seq, tail.position);
  assertReachable(request, { ...state, last_seq });
  const { name: stream, epoch, first_seq } = state;
  send({ op: "subscribed", id, stream, epoch, first_seq, seq: last_seq });
  if (from === "new") {
    subscription.skipTo(last_seq);
    return tail.add(subscription);
  }
  const begin = beginOf(from, first_seq);
  if ("seq" in begin) subscription.skipTo(begin.seq - 1);
  const { signal } = subscription;
  void turns
    .run(() => catchUp({ bus: deps.bus, tail, reader: subscription, from: begin, signal }), signal)
    .catch((error: unknown) => subscription.fail(error));
}

/** `all` is what is kept now: should some of it leave the stream before its turn comes, the reader is told so. */
function beginOf(from: Exclude<Subscribe["from"], "new" | undefined>, first_seq: number): CatchUp["from"] {
  if (from === "all") return { seq: Math.max(1, first_seq) };
  return "seq" in from ? { seq: Math.max(1, from.seq) } : from;
}

/** @throws {StreamWasResetError} when what is wanted cannot be of this stream */
function assertReachable({ subject, from }: Subscribe, { epoch, last_seq }: StreamState): void {
  if (typeof from !== "object" || !("seq" in from)) return;
  if (from.epoch !== undefined && from.epoch !== epoch)
    throw new StreamWasResetError(
      `Cannot follow "${subject}" on from epoch ${from.epoch} as its stream is of ${epoch}`,
    );
  if (from.seq > last_seq + 1)
    throw new StreamWasResetError(
      `Cannot follow "${subject}" from sequence ${from.seq} as it must be at most ${last_seq + 1}, the next of its stream`,
    );
}

/** Whether an error says that the stream's sequences began anew. */
export const isReset = (error: unknown): boolean =>
  error instanceof StreamResetError || error instanceof StreamWasResetError;
