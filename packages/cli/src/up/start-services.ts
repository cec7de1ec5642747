import { once } from "node:events";
import { StartFailedError } from "../errors.ts";
import { loadSettings, type SettingsSource } from "../settings.ts";
import type { Part } from "./part.ts";
import {
  missingModels,
  type ReferenceKind,
  type ReferencePart,
  referenceModelsApart,
  referenceModelsHere,
  referenceSettings,
} from "./reference-models.ts";
import { servicesApart } from "./services-apart.ts";
import { servicesHere } from "./services-here.ts";
import type { StopStack } from "./stop-stack.ts";
import type { Surroundings } from "./surroundings.ts";

const START_MS = 60_000;
const LIST = new Intl.ListFormat("en-GB", { type: "disjunction" });

export interface ServicesToStart extends Omit<Surroundings, "settings" | "env" | "cwd" | "file"> {
  source: SettingsSource;
  split: boolean;
  stack: StopStack;
  signal: AbortSignal;
}

/** The reference models where no others are configured, then every service with them. */
export async function startServices(options: ServicesToStart): Promise<Part[]> {
  const { source, split, stack, signal, ...rest } = options;
  const around = { ...source, ...rest };
  const missing = missingModels(loadSettings(source));
  const models = missing.length === 0 ? null : await (split ? referenceModelsApart(around) : referenceModelsHere());
  if (models) {
    stack.add({ name: "reference models", until_ms: 3_600, stop: () => models.stop(), kill: () => models.kill() });
    await inTime(models.start(), signal);
    tellModels(models, missing, options);
  }

  around.tell({ what: "working", on: "Starting the services" });
  const env = { ...source.env, ...(models ? referenceSettings(models.url, missing) : {}) };
  const settings = loadSettings({ ...source, env });
  const services = split ? servicesApart({ ...around, env }) : servicesHere({ ...around, env, settings });
  stack.add({ name: "services", until_ms: 3_400, stop: () => services.stop(), kill: () => services.kill() });
  await inTime(services.start(), signal);
  tellServices(services, options);
  return models ? [services, models] : [services];
}

function tellModels({ url }: ReferencePart, missing: readonly ReferenceKind[], { tell }: ServicesToStart): void {
  const kinds = LIST.format(missing.map((kind) => (kind === "llm" ? "language model" : kind)));
  tell({ what: "ready", part: "reference models", version: null, where: `at ${url}, as no ${kinds} is configured` });
}

function tellServices(services: Part, { split, tell }: ServicesToStart): void {
  const names = services
    .processes()
    .flatMap((one) => (split ? one.services.map((name) => `${name} (process ${one.pid})`) : one.services));
  tell({ what: "ready", part: names.join(", "), version: null, where: "" });
}

async function inTime(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const done = new AbortController();
  const limit = AbortSignal.timeout(START_MS);
  const given_up = once(AbortSignal.any([done.signal, signal, limit]), "abort").then(() => {
    signal.throwIfAborted();
    if (limit.aborted)
      throw new StartFailedError(
        `Cannot start as the services must be ready within ${START_MS / 1_000} s: they wait; gatehouse logs says for what`,
      );
  });
  try {
    await Promise.race([work, given_up]);
  } finally {
    done.abort();
    work.catch(() => undefined);
  }
}
