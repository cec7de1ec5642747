import {
  type CatalogueEntry,
  type EngineName,
  engineOf,
  findPipeline,
  missingSetting,
  type PipelineSettings,
  parametersOf,
  pipelineNames,
} from "./find-pipeline.ts";
import { nameFault } from "./name-fault.ts";
import { compileParameters, type ParameterCheck } from "./parameter-check.ts";
import { plainFault } from "./plain-fault.ts";

/** A pipeline as people are shown it. */
export interface ListedPipeline {
  name: string;
  engine: EngineName | null;
  /** Whether it can be run. */
  configured: boolean;
  /** The setting without which it cannot; null when it can. */
  missing: string | null;
  /** JSON Schema; null: any parameters. */
  parameters: Readonly<Record<string, unknown>> | null;
}

/** The pipelines that there are. */
export interface Catalogue {
  /** Null: there is none of that name, or a setting is missing. */
  find(name: string): CatalogueEntry | null;
  /** Why a pipeline cannot be run with these parameters, a sentence each; empty when it can. It must be one that `find` gives. */
  faultsOf(name: string, parameters: Readonly<Record<string, unknown>>): string[];
  /** Why a name cannot be run: the setting that is missing, or which names there are; null when it can. */
  whyNot(name: string): string | null;
  /** All names, also those that cannot be run yet. */
  list(): ListedPipeline[];
}

/** Reads the catalogue once: settings never change, and schemas are compiled here. @throws {Error} for a schema that is none */
export function openCatalogue(settings: PipelineSettings): Catalogue {
  const names = pipelineNames(settings);
  const entries = new Map(names.map((name) => [name, findPipeline(settings, name)]));
  const checks = new Map<string, ParameterCheck>();
  for (const [name, entry] of entries) if (entry?.parameters) checks.set(name, compileParameters(entry.parameters));
  const known = names.filter((name) => entries.get(name) !== null).join(", ");
  const whyNot = (name: string): string | null => {
    const missing = missingSetting(settings, name);
    if (missing === null) return null;
    if (engineOf(settings, name) !== null) return `${missing} must be configured: it is missing`;
    return `${missing} must be configured, or the pipeline be one of ${known}`;
  };
  return {
    find: (name) => entries.get(name) ?? null,
    faultsOf: (name, parameters) => {
      const fault = plainFault(parameters) ?? (entries.get(name)?.engine === "argo" ? nameFault(parameters) : null);
      return fault === null ? (checks.get(name)?.(parameters) ?? []) : [fault];
    },
    whyNot,
    list: () =>
      names.map((name) => ({
        name,
        engine: engineOf(settings, name),
        configured: entries.get(name) !== null,
        missing: missingSetting(settings, name),
        parameters: parametersOf(settings, name),
      })),
  };
}
