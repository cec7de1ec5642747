import type { ModelRef } from "@gatehouse/events";
import type { CallOptions } from "./call-options.ts";

/** How long a server may take to say which model it runs. */
const TELL_MS = 2_000;
const never = new AbortController().signal;

/** Which model a server runs, for servers whose answers do not say: asked once, and again after a call failed. */
export class Identity {
  readonly #ask: (options: CallOptions) => Promise<Partial<ModelRef>>;
  #known: Promise<Partial<ModelRef>> | null = null;

  constructor(ask: (options: CallOptions) => Promise<Partial<ModelRef>>) {
    this.#ask = ask;
  }

  /** Nothing where the server does not tell. */
  get(): Promise<Partial<ModelRef>> {
    this.#known ??= this.#ask({ signal: never, deadline_ms: Date.now() + TELL_MS }).catch(() => ({}));
    return this.#known;
  }

  /** The server failed: another model may be there when it is back. */
  forget(): void {
    this.#known = null;
  }
}
