import { freePort } from "@gatehouse/local";
import { type ReferenceModels, startReferenceModels } from "@gatehouse/reference-models";
import type { Settings } from "../settings.ts";
import type { Part } from "./part.ts";
import { partOf, serviceProcess } from "./services-apart.ts";

const NAME = "reference-models";

/** The kinds of model that nobody configured. */
export function missingModels({ models }: Pick<Settings, "models">): ("detector" | "llm")[] {
  return (["detector", "llm"] as const).filter((kind) => models[kind].length === 0);
}

/** The settings, as environment, that put the reference models where there are none. */
export function referenceSettings(url: string, missing: readonly ("detector" | "llm")[]): NodeJS.ProcessEnv {
  const detector = JSON.stringify([{ kind: "http-detect", url }]);
  const llm = JSON.stringify([{ kind: "openai", url: `${url}/v1`, model: "reference" }]);
  return {
    ...(missing.includes("detector") ? { GATEHOUSE_MODELS__DETECTOR: detector } : {}),
    ...(missing.includes("llm") ? { GATEHOUSE_MODELS__LLM: llm } : {}),
  };
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
