import type { TritonLoading } from "../config.ts";
import type { MayStillAsk, ModelLoading } from "./loading.ts";
import { LoadingServer } from "./loading-server.ts";

/** What the index says of a model that is on the card, or on its way. */
const PRESENT = ["READY", "LOADING", "UNLOADING"];

/**
 * A model in Triton's repository; the server runs with `--model-control-mode=explicit`.
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md
 */
export class TritonModel implements ModelLoading {
  readonly #server: LoadingServer;
  readonly #name: string;

  constructor(name: string, { model, ...at }: TritonLoading, mayAsk: MayStillAsk) {
    this.#name = model ?? name;
    this.#server = new LoadingServer({ ...at, model: name, mayAsk });
  }

  async load(signal: AbortSignal): Promise<void> {
    this.#server.assertDone(await this.#server.order(this.#path("load"), signal, {}));
    await this.#server.until("say that the model is ready", () => this.#isReady(signal), signal);
  }

  /** The models of an ensemble go with it. The request may be answered before the memory is free: the index says when. */
  async unload(signal: AbortSignal): Promise<void> {
    const parameters = { unload_dependents: true };
    this.#server.assertDone(await this.#server.order(this.#path("unload"), signal, { parameters }));
    await this.#server.until("say that the model is gone", async () => !(await this.isLoaded(signal)), signal);
  }

  async isLoaded(signal: AbortSignal): Promise<boolean> {
    const index = this.#server.json(await this.#server.ask("/v2/repository/index", signal, {}));
    const entries: unknown[] = Array.isArray(index) ? index : [];
    return entries.some((entry) => {
      const { name, state } = (entry ?? {}) as { name?: unknown; state?: unknown };
      return name === this.#name && PRESENT.includes(String(state));
    });
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  async #isReady(signal: AbortSignal): Promise<boolean> {
    const { status } = await this.#server.ask(`/v2/models/${encodeURIComponent(this.#name)}/ready`, signal);
    return status === 200;
  }

  #path(action: "load" | "unload"): string {
    return `/v2/repository/models/${encodeURIComponent(this.#name)}/${action}`;
  }
}
