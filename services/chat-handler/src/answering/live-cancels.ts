import type { ChatCancel } from "@gatehouse/events";
import { CancelledError } from "../errors.ts";

/** A cancel that nobody writes for is remembered for the answer that begins in the same moment. */
const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 1_000;

/** Why an answer ends that nobody wants any more. */
export const cancelledBy = (user_id: string, request_id: string) =>
  new CancelledError(`Cannot go on with request "${request_id}" as it was cancelled by "${user_id}"`);

/** The answers that this process writes, and the cancels that it hears on the bus. */
export class LiveCancels {
  readonly #writing = new Map<string, AbortController>();
  /** When, by the monotonic clock. */
  readonly #heard = new Map<string, number>();

  /** Ends the answer if it is written here. */
  heard({ user_id, request_id }: ChatCancel): void {
    const key = `${user_id}.${request_id}`;
    const writing = this.#writing.get(key);
    if (writing) return writing.abort(cancelledBy(user_id, request_id));
    this.#heard.set(key, performance.now());
    if (this.#heard.size > MOST_REMEMBERED) this.#heard.delete(this.#heard.keys().next().value!);
  }

  /** Watches for one answer until `end`. A cancel from before ends one that is begun for the first time: what is asked for again is wanted. */
  watch({ user_id, request_id, epoch }: ChatCancel & { epoch: number }): { signal: AbortSignal; end(): void } {
    const key = `${user_id}.${request_id}`;
    const controller = new AbortController();
    const heard_ms = this.#heard.get(key) ?? Number.NEGATIVE_INFINITY;
    if (epoch === 1 && performance.now() - heard_ms < REMEMBERED_MS) controller.abort(cancelledBy(user_id, request_id));
    this.#heard.delete(key);
    this.#writing.set(key, controller);
    const end = (): void => {
      if (this.#writing.get(key) === controller) this.#writing.delete(key);
    };
    return { signal: controller.signal, end };
  }
}
