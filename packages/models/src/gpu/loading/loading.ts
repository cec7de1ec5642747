import { socketCode } from "../../calling/exchange.ts";
import { GpuLoadError } from "../../errors.ts";
import type { GpuModelConfig, LoadingConfig } from "../config.ts";
import { OllamaModel } from "./ollama.ts";
import { TritonModel } from "./triton.ts";
import { WebhookModel } from "./webhook.ts";

/** A model at its server. Everything may be repeated, also by another process that takes over in the middle. */
export interface ModelLoading {
  /** Resolves when the server confirms that it is loaded. @throws {GpuLoadError} @throws the signal's reason */
  load(signal: AbortSignal): Promise<void>;
  /** Resolves when the server confirms that it is unloaded. @throws {GpuLoadError} @throws the signal's reason */
  unload(signal: AbortSignal): Promise<void>;
  /** What the server says; null when it does not tell. @throws {GpuLoadError} @throws the signal's reason */
  isLoaded(signal: AbortSignal): Promise<boolean | null>;
  close(): Promise<void>;
}

/** Whether a server could not be asked because there is none: then nothing of it is on a card. */
export const isNobodyThere = (error: unknown): boolean =>
  error instanceof GpuLoadError && ["ECONNREFUSED", "ENOTFOUND"].includes(socketCode(error.cause));

/** Whether what is asked for may still be asked: a process that was paused must not send what it was about to. */
export type MayStillAsk = () => boolean;

/** A model whose server has it loaded all the time. */
const ALWAYS_LOADED: ModelLoading = Object.freeze({
  load: async () => undefined,
  unload: async () => undefined,
  isLoaded: async () => true,
  close: async () => undefined,
});

/** How this model is loaded and unloaded. @throws {ModelConfigError} when a URL or secret cannot be used */
export function createLoading(
  { name, load }: Pick<GpuModelConfig, "name"> & { load: LoadingConfig },
  mayAsk: MayStillAsk,
): ModelLoading {
  if (load.kind === "triton") return new TritonModel(name, load, mayAsk);
  if (load.kind === "ollama") return new OllamaModel(name, load, mayAsk);
  if (load.kind === "webhook") return new WebhookModel(name, load, mayAsk);
  return ALWAYS_LOADED;
}
