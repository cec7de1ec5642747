import type { ServerName } from "./settings.ts";

/** What happened to a server that was started here. */
export interface ServerEvent {
  server: ServerName;
  /** `restarting` comes after an unasked exit, with the wait; also when a process lives but no longer answers. */
  what: "started" | "ready" | "exited" | "restarting";
  pid?: number;
  port?: number;
  /** Of an exit: the code, or the signal that ended it. */
  code?: number | null;
  signal?: NodeJS.Signals | null;
  /** Of an exit: why it could not even be started. */
  error?: string;
  /** Of a restart: why. */
  reason?: "exited" | "not answering";
  /** Of a restart: how long until the next start. */
  wait_ms?: number;
}

/** Where sentences for people go; a pino logger is one. */
export interface Log {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
}
