import { freePort } from "@gatehouse/local";
import { type ReferenceModels, startReferenceModels } from "@gatehouse/reference-models";
import type { Settings } from "../settings.ts";
import type { Part } from "./part.ts";
import { partOf, serviceProcess } from "./services-apart.ts";

const NAME = "reference-models";

/** The kinds of model that services need and the reference models have, with how each is reached there. */
const REFERENCES = {
  detector: (url: string) => ({ kind: "http-detect", url }),
  llm: (url: string) => ({ kind: "openai", url: `${url}/v1`, model: "reference" }),
  embedder: (url: string) => ({ kind: "openai", url: `${url}/v1`, model: "reference-embedder" }),
  // Its scores are of one request's texts among each other: the only door that takes them all at once.
  reranker: (url: string) => ({ kind: "openai", url: `${url}/v1`, model: "reference-reranker" }),
} as const;

export type ReferenceKind = keyof typeof REFERENCES;
const KINDS = Object.keys(REFERENCES) as ReferenceKind[];

/** The kinds of model that nobody configured. */
export function missingModels({ models }: Pick<Settings, "models">): ReferenceKind[] {
  return KINDS.filter((kind) => models[kind].length === 0);
}

/** The settings, as environment, that put the reference models where there are none. */
export function referenceSettings(url: string, missing: readonly ReferenceKind[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    missing.map((kind) => [`GATEHOUSE_MODELS__${kind.toUpperCase()}`, JSON.stringify([REFERENCES[kind](url)])]),
  );
}

/** The reference models, and where they will listen. */
export type ReferencePart = Part & { readonly url: string };

/** The reference models in this process. */
export async function referenceModelsHere(): Promise<ReferencePart> {
  const url = await freeUrl();
  let models: ReferenceModels | null = null;
  return {
    url,
    async start() {
      models = await startReferenceModels({ port: Number(new URL(url).port) });
    },
    processes: () => (models ? [{ services: [NAME], pid: process.pid, health_url: url }] : []),
    gateway_url: () => null,
    stop: async () => models?.stop(),
    kill: () => undefined,
  };
}

/** The reference models as a process that comes back on its port. */
export async function referenceModelsApart(around: Parameters<typeof serviceProcess>[2]): Promise<ReferencePart> {
  const url = await freeUrl();
  return { url, ...partOf([serviceProcess(NAME, ["--port", new URL(url).port], around)]) };
}

async function freeUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}
