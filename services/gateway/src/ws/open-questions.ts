import { setTimeout as elapsed } from "node:timers/promises";
import { describeError } from "@gatehouse/errors";
import { chatMessage, encode, matchSubject } from "@gatehouse/events";
import type { Deps } from "../deps.ts";
import { PayloadInvalidError } from "../errors.ts";
import type { Publish } from "./requests.ts";

/** More than anybody has open at once: the oldest were answered long ago. */
const MOST = 1_000;

const TRY_MS = 10_000;
const AGAIN_MS = 250;

/** What was asked on a connection with `cancel_on_close`: no longer wanted when its client is gone. */
export class OpenQuestions {
  readonly #deps: Pick<Deps, "bus" | "log">;
  readonly #users = new Map<string, string>();

  constructor(deps: Pick<Deps, "bus" | "log">) {
    this.#deps = deps;
  }

  /** Adds one that was published, or may have been; its fields are as its event wants them. */
  add({ subject, data }: Pick<Publish, "subject" | "data">): void {
    this.#users.set(String(data.request_id), matchSubject(chatMessage, subject)!.user_id!);
    if (this.#users.size > MOST) this.#users.delete(this.#users.keys().next().value!);
  }

  /** Cancels all; while the broker is away, for some seconds. */
  cancel(): void {
    for (const [request_id, user_id] of this.#users) void this.#cancelOne(request_id, user_id);
    this.#users.clear();
  }

  async #cancelOne(request_id: string, user_id: string): Promise<void> {
    const { bus, log } = this.#deps;
    const until_ms = performance.now() + TRY_MS;
    while (true) {
      try {
        await bus.publish(`ai.chat.user.${user_id}.cancel`, encode({ request_id, user_id }));
        return;
      } catch (error) {
        const { message: reason, retry } = describeError(error);
        if (retry !== "later" || performance.now() > until_ms)
          return log.warn({ request_id, reason }, "answer could not be cancelled");
      }
      await elapsed(AGAIN_MS, undefined, { ref: false });
    }
  }
}

/** @throws {PayloadInvalidError} when what is published is no question */
export function assertCancellable({ subject, cancel_on_close }: Publish): void {
  if (!cancel_on_close || matchSubject(chatMessage, subject)) return;
  throw new PayloadInvalidError(
    `Cannot publish on "${subject}" with cancel_on_close as only chat messages can be cancelled`,
  );
}
