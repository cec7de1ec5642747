import type { WebhookLoading } from "../config.ts";
import type { MayStillAsk, ModelLoading } from "./loading.ts";
import { LoadingServer } from "./loading-server.ts";

/** A model behind two addresses of whatever runs it: each is sent `{ model }` and answers 2xx when it is done. */
export class WebhookModel implements ModelLoading {
  readonly #name: string;
  readonly #load: LoadingServer;
  readonly #unload: LoadingServer;

  constructor(name: string, { load_url, unload_url, ...at }: WebhookLoading, mayAsk: MayStillAsk) {
    this.#name = name;
    const server = (url: string) => new LoadingServer({ ...at, url, model: name, mayAsk });
    this.#load = server(load_url);
    this.#unload = server(unload_url);
  }

  async load(signal: AbortSignal): Promise<void> {
    this.#load.assertDone(await this.#load.order("", signal, { model: this.#name }));
  }

  async unload(signal: AbortSignal): Promise<void> {
    this.#unload.assertDone(await this.#unload.order("", signal, { model: this.#name }));
  }

  async isLoaded(signal: AbortSignal): Promise<null> {
    await this.#unload.reach(signal);
    return null;
  }

  async close(): Promise<void> {
    await Promise.all([this.#load.close(), this.#unload.close()]);
  }
}
