import { once } from "node:events";
import { StartFailedError } from "../errors.ts";
import { loadSettings, type SettingsSource } from "../settings.ts";
import { missingModels, referenceSettings, runReferenceModelsHere } from "./reference-models.ts";
import { runHere } from "./run-here.ts";
import type { RunningPart } from "./running-part.ts";
import type { StopStack } from "./stop-stack.ts";
import type { Surroundings } from "./surroundings.ts";

const START_MS = 60_000;

export interface ServicesToStart extends Omit<Surroundings, "settings"> {
  source: SettingsSource;
  split: boolean;
  stack: StopStack;
  signal: AbortSignal;
}

/** The reference models where no others are configured, then every service with them. */
export async function startServices({
  source,
  split,
  stack,
  signal,
  ...around
}: ServicesToStart): Promise<RunningPart[]> {
  const missing = missingModels(loadSettings(source));
  const models = missing.length === 0 ? null : await runReferenceModelsHere();
  let env = source.env;
  if (models) {
    stack.add({ name: "reference models", until_ms: 3_600, stop: () => models.stop() });
    env = { ...env, ...referenceSettings(models.url, missing) };
    const instead = missing.map((kind) => (kind === "llm" ? "language model" : kind)).join(" and ");
    around.tell({
      what: "ready",
      part: "reference models",
      version: null,
      where: `${models.url} (stand in for: ${instead})`,
    });
  }
  around.tell({ what: "working", on: "Starting the services" });
  const settings = loadSettings({ ...source, env });
  const services = await inTime(runHere({ ...around, env, settings }), signal);
  stack.add({ name: "services", until_ms: 3_400, stop: () => services.stop() });
  return models ? [services, models] : [services];
}

async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const done = new AbortController();
  const limit = AbortSignal.timeout(START_MS);
  const given_up = once(AbortSignal.any([done.signal, signal, limit]), "abort").then(() => {
    signal.throwIfAborted();
    throw new StartFailedError(
      `Cannot start the services as they must be ready within ${START_MS / 1_000} s: they wait`,
    );
  });
  try {
    return await Promise.race([work, given_up]);
  } finally {
    given_up.catch(() => undefined);
    done.abort();
  }
}
