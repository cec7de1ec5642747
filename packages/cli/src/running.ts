import { type RunFile, readRunFile } from "@gatehouse/local";
import { NotRunningError } from "./errors.ts";

/** What `run.json` of a home tells. @throws {NotRunningError} saying what cannot be done: `publish`, `ask for events` */
export function assertRunning(home: string, action: string): RunFile {
  const run = readRunFile({ dir: home });
  if (run) return run;
  throw new NotRunningError(`Cannot ${action} as no Gatehouse runs here: start it with npm start, or name its --home`, {
    facts: { home },
  });
}
