import type { RunFile } from "@gatehouse/local";

/** Some services that run, in this process or in others. */
export interface RunningPart {
  /** As `run.json` tells them; those of restarted children change. */
  processes(): RunFile["processes"];
  /** Where the gateway listens; null when it is not part of this. */
  gateway_url(): string | null;
  /** Stops them in order, each step bounded. */
  stop(): Promise<void>;
}
