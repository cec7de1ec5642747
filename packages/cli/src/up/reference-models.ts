import { startReferenceModels } from "@gatehouse/reference-models";
import type { Settings } from "../settings.ts";
import type { RunningPart } from "./running-part.ts";

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

/** Runs the reference models in this process. */
export async function runReferenceModelsHere(): Promise<RunningPart & { url: string }> {
  const { url, stop } = await startReferenceModels();
  return {
    url,
    processes: () => [{ services: ["reference-models"], pid: process.pid, health_url: url }],
    gateway_url: () => null,
    stop,
  };
}
