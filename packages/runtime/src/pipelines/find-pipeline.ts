import type { SharedConfig } from "../config/sections.ts";
import { documentIngestion } from "./document-ingestion.ts";

export type PipelineSettings = SharedConfig["pipelines"];
/** Who runs a pipeline. `local`: the bridge itself. */
export type EngineName = "argo" | "kubeflow" | "local";

/** A pipeline that can be run. */
export interface CatalogueEntry {
  readonly pipeline: string;
  readonly engine: EngineName;
  /** argo: name of the WorkflowTemplate; null with others. */
  readonly template: string | null;
  /** kubeflow; null with others. */
  readonly pipeline_id: string | null;
  /** kubeflow: null is the newest. */
  readonly version_id: string | null;
  /** kubeflow: null is the default one. */
  readonly experiment_id: string | null;
  /** Where the engine runs it; `local` with local. */
  readonly namespace: string;
  /** JSON Schema; null: any parameters. */
  readonly parameters: Readonly<Record<string, unknown>> | null;
  /** Runs in a minute; null: no limit. */
  readonly per_min: number | null;
  readonly timeout_s: number;
}

/** Pipelines that need no engine in the catalogue. */
const KNOWN: Readonly<Record<string, EngineName>> = {
  "document-ingestion": "local",
  "batch-inference": "argo",
  "model-evaluation": "argo",
  "rag-query": "kubeflow",
  "voice-pipeline": "kubeflow",
  tts: "kubeflow",
};
/** What the bridge can run itself. */
export const LOCAL_PIPELINES: readonly string[] = ["document-ingestion"];
const TIMEOUT_S = 86_400;

/** Every name that can be asked for, known or in the catalogue, in order. */
export function pipelineNames({ catalogue }: PipelineSettings): string[] {
  return [...new Set([...Object.keys(KNOWN), ...Object.keys(catalogue)])].sort();
}

/** Who runs a pipeline of that name, configured or not; null: nobody said. */
export function engineOf({ catalogue }: PipelineSettings, name: string): EngineName | null {
  const written = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
  return written?.engine ?? (Object.hasOwn(KNOWN, name) ? KNOWN[name]! : null);
}

/** JSON Schema of a pipeline's parameters; null: any will do. */
export function parametersOf(settings: PipelineSettings, name: string): Readonly<Record<string, unknown>> | null {
  const written = Object.hasOwn(settings.catalogue, name) ? settings.catalogue[name]?.parameters : undefined;
  if (engineOf(settings, name) !== "local") return written ?? null;
  return written ? { ...documentIngestion, allOf: [written] } : documentIngestion;
}

/** What must be set before a pipeline can be run: `pipelines.argo`; null when nothing is missing. */
export function missingSetting(settings: PipelineSettings, name: string): string | null {
  const engine = engineOf(settings, name);
  if (engine === null) return `pipelines.catalogue.${name}`;
  if (engine === "local") return null;
  if (settings[engine] === null) return `pipelines.${engine}`;
  const has_id = engine !== "kubeflow" || settings.catalogue[name]?.pipeline_id !== undefined;
  return has_id ? null : `pipelines.catalogue.${name}.pipeline_id`;
}

/** The pipeline of that name; null when a setting is missing. */
export function findPipeline(settings: PipelineSettings, name: string): CatalogueEntry | null {
  const engine = engineOf(settings, name);
  if (engine === null || missingSetting(settings, name) !== null) return null;
  const written = Object.hasOwn(settings.catalogue, name) ? settings.catalogue[name] : undefined;
  const kubeflow = engine === "kubeflow";
  const elsewhere = engine === "local" ? "local" : settings[engine]!.namespace;
  return {
    pipeline: name,
    engine,
    template: engine === "argo" ? (written?.template ?? name) : null,
    pipeline_id: (kubeflow && written?.pipeline_id) || null,
    version_id: (kubeflow && written?.version_id) || null,
    experiment_id: (kubeflow && written?.experiment_id) || null,
    namespace: engine === "local" ? elsewhere : (written?.namespace ?? elsewhere),
    parameters: parametersOf(settings, name),
    per_min: written?.per_min ?? null,
    timeout_s: written?.timeout_s ?? TIMEOUT_S,
  };
}
