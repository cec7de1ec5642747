import type { RunFile } from "@gatehouse/local";

/** Some services, in this process or in others. */
export interface Part {
  /** Resolves when all have started. @throws why one cannot start; `stop` is called then as well */
  start(): Promise<void>;
  /** As `run.json` tells them; those of restarted children change. */
  processes(): RunFile["processes"];
  /** Where the gateway listens; null when it is not part of this. */
  gateway_url(): string | null;
  /** Stops them in order, each step bounded; those that never started are fine. */
  stop(): Promise<void>;
  /** Ends by force what has not stopped. */
  kill(): void;
}
