import { chatMessage, encode, matchSubject } from "@gatehouse/events";
import type { Deps } from "../deps.ts";
import { PayloadInvalidError } from "../errors.ts";
import type { Publish } from "./requests.ts";

/** More than anybody has open at once: the oldest were answered long ago. */
const MOST = 1_000;

/** What was asked on a connection with `cancel_on_close`: no longer wanted when its client is gone. */
export class OpenQuestions {
  readonly #deps: Pick<Deps, "bus" | "log">;
  readonly #users = new Map<string, string>();

  constructor(deps: Pick<Deps, "bus" | "log">) {
    this.#deps = deps;
  }

  /** Adds one that was published; its fields are as its event wants them. */
  add({ subject, data }: Pick<Publish, "subject" | "data">): void {
    this.#users.set(String(data.request_id), matchSubject(chatMessage, subject)!.user_id!);
    if (this.#users.size > MOST) this.#users.delete(this.#users.keys().next().value!);
  }

  /** Cancels all. */
  cancel(): void {
    const { bus, log } = this.#deps;
    for (const [request_id, user_id] of this.#users)
      bus
        .publish(`ai.chat.user.${user_id}.cancel`, encode({ request_id, user_id }))
        .catch((error: Error) => log.warn({ request_id, reason: error.message }, "answer could not be cancelled"));
    this.#users.clear();
  }
}

/** @throws {PayloadInvalidError} when what is published is no question */
export function assertCancellable({ subject, cancel_on_close }: Publish): void {
  if (!cancel_on_close || matchSubject(chatMessage, subject)) return;
  throw new PayloadInvalidError(
    `Cannot publish on "${subject}" with cancel_on_close as only chat messages can be cancelled`,
  );
}
