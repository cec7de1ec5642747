import type { OllamaLoading } from "../config.ts";
import type { MayStillAsk, ModelLoading } from "./loading.ts";
import { LoadingServer } from "./loading-server.ts";

/**
 * A model of Ollama: a request without a prompt loads it for as long as `keep_alive` says (-1: for ever), 0 unloads it.
 * @see https://github.com/ollama/ollama/blob/main/docs/api.md
 */
export class OllamaModel implements ModelLoading {
  readonly #server: LoadingServer;
  readonly #name: string;

  constructor(name: string, { model, ...at }: OllamaLoading, mayAsk: MayStillAsk) {
    this.#name = model ?? name;
    this.#server = new LoadingServer({ ...at, model: name, mayAsk });
  }

  async load(signal: AbortSignal): Promise<void> {
    const answer = await this.#keepAlive("/api/generate", -1, signal);
    // A model that makes vectors cannot generate, and is loaded by an empty input instead.
    const loaded = answer.status === 400 ? await this.#keepAlive("/api/embed", -1, signal, { input: "" }) : answer;
    this.#server.assertDone(loaded.status === 400 ? answer : loaded);
    await this.#server.until("list the model as running", () => this.isLoaded(signal), signal);
  }

  async unload(signal: AbortSignal): Promise<void> {
    this.#server.assertDone(await this.#keepAlive("/api/generate", 0, signal));
    await this.#server.until("no longer list the model as running", async () => !(await this.isLoaded(signal)), signal);
  }

  async isLoaded(signal: AbortSignal): Promise<boolean> {
    const answer = this.#server.json(await this.#server.ask("/api/ps", signal)) as { models?: unknown } | null;
    const running: unknown[] = Array.isArray(answer?.models) ? answer.models : [];
    return running.some((entry) => {
      const { name, model } = (entry ?? {}) as { name?: unknown; model?: unknown };
      return [name, model].some((seen) => typeof seen === "string" && withTag(seen) === withTag(this.#name));
    });
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #keepAlive(path: string, keep_alive: number, signal: AbortSignal, more: object = {}) {
    return this.#server.order(path, signal, { model: this.#name, keep_alive, stream: false, ...more });
  }
}

/** Ollama says `qwen3:latest` to `qwen3`. */
const withTag = (name: string): string => (/:[^/]*$/.test(name) ? name : `${name}:latest`);
