import type { ServerName } from "./settings.ts";

/** A program with its arguments, as it is started. */
export interface Command {
  file: string;
  args: string[];
}

/** `starting`: it answers, but not yet (or not now) with its service, such as Postgres while it recovers. */
export type Answer = "ready" | "starting";

/** What a server says when it is asked. */
export interface Asked {
  answer: Answer;
  /** As it tells it itself; null when it does not. */
  version: string | null;
}

/** How one kind of backing server is prepared, started, asked and stopped. */
export interface Recipe {
  readonly name: ServerName;
  /** The signal that asks it to end at once but in order. */
  readonly stop_signal: NodeJS.Signals;
  /** Writes its configuration and data folder where needed and says how to start it; called before every start. */
  prepare(port: number, signal: AbortSignal): Promise<Command>;
  /** Asks whether it serves, with its credentials. Rejects when nobody answers or `signal` aborts. */
  probe(port: number, signal: AbortSignal): Promise<Answer>;
  /** Where clients find it. Carries the credentials, but for NATS, whose client ignores them there. */
  url(port: number): string;
}
