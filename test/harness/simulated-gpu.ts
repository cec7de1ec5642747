import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as timer } from "node:timers/promises";
import { request as ask } from "undici";

/** A model that the simulated card can hold. */
export interface SimulatedModel {
  name: string;
  vram_mb: number;
  load_ms: number;
}

/** What happened on the card. Memory is taken from the beginning of a load to the end of an unload. */
export interface GpuEvent {
  what: "load begins" | "loaded" | "unload begins" | "unloaded" | "call begins" | "call ends" | "call refused";
  model: string;
  /** Milliseconds of the machine's own clock. */
  at_ms: number;
  /** Who called, where it said so. */
  holder?: string;
}

export interface SimulatedGpu extends AsyncDisposable {
  url: string;
  events: GpuEvent[];
  /** Models whose loads fail from now on. */
  failing: Set<string>;
  /** The server is started again: nothing is loaded. */
  forget(): void;
  /** Resolves when this has happened that often. */
  happened(what: GpuEvent["what"], model: string, count?: number): Promise<void>;
}

interface Place {
  state: "absent" | "loading" | "ready" | "unloading";
  moving: Promise<void>;
}

export interface SimulatedGpuOptions {
  models: readonly SimulatedModel[];
  port?: number;
  onEvent?: (event: GpuEvent) => void;
}

/** A card behind Triton's repository protocol that logs what is done to it; it enforces no limit. A call: `POST /v2/models/{m}/infer`, `{ ms }`. */
export async function startSimulatedGpu({ models, port = 0, onEvent }: SimulatedGpuOptions): Promise<SimulatedGpu> {
  const card = new SimulatedCard(models, onEvent);
  const server = createServer((request, response) => void answer(card, request, response));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events: card.events,
    failing: card.failing,
    forget: () => card.forget(),
    happened: (what, model, count = 1) => card.happened(what, model, count),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

class SimulatedCard {
  readonly events: GpuEvent[] = [];
  readonly failing = new Set<string>();
  readonly #models: ReadonlyMap<string, SimulatedModel>;
  readonly #places = new Map<string, Place>();
  readonly #onEvent: ((event: GpuEvent) => void) | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(models: readonly SimulatedModel[], onEvent: ((event: GpuEvent) => void) | undefined) {
    this.#models = new Map(models.map((model) => [model.name, model]));
    this.#onEvent = onEvent;
  }

  place(name: string): Place {
    const known = this.#places.get(name) ?? { state: "absent", moving: Promise.resolve() };
    this.#places.set(name, known);
    return known;
  }

  knows(name: string): boolean {
    return this.#models.has(name);
  }

  index(): { name: string; state: string }[] {
    const words = { absent: "UNAVAILABLE", loading: "LOADING", ready: "READY", unloading: "UNLOADING" };
    return [...this.#models.keys()].map((name) => ({ name, version: "1", state: words[this.place(name).state] }));
  }

  /** Goes on when whoever asked is gone, as real servers do. */
  async load(name: string): Promise<void> {
    const place = this.place(name);
    while (place.state === "unloading") await place.moving;
    if (place.state === "loading") return place.moving;
    if (place.state === "ready") return;
    place.state = "loading";
    this.log("load begins", name);
    place.moving = timer(this.#models.get(name)!.load_ms).then(() => {
      if (place.state !== "loading") return;
      place.state = "ready";
      this.log("loaded", name);
    });
    return place.moving;
  }

  async unload(name: string): Promise<void> {
    const place = this.place(name);
    while (place.state === "loading") await place.moving;
    if (place.state === "unloading") return place.moving;
    if (place.state === "absent") return;
    place.state = "unloading";
    this.log("unload begins", name);
    place.moving = timer(this.#models.get(name)!.load_ms / 4).then(() => {
      place.state = "absent";
      this.log("unloaded", name);
    });
    return place.moving;
  }

  forget(): void {
    this.#places.clear();
  }

  log(what: GpuEvent["what"], model: string, holder?: string): void {
    const at_ms = Number(process.hrtime.bigint() / 1_000n) / 1_000;
    const event = { what, model, at_ms, ...(holder === undefined ? {} : { holder }) };
    this.events.push(event);
    this.#onEvent?.(event);
    for (const listener of this.#listeners) listener();
  }

  async happened(what: GpuEvent["what"], model: string, count: number): Promise<void> {
    const times = () => this.events.filter((event) => event.what === what && event.model === model).length;
    if (times() >= count) return;
    await new Promise<void>((resolve) => {
      const listener = () => {
        if (times() < count) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }
}

async function answer(card: SimulatedCard, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray().catch(() => [])).toString();
  const say = (status: number, content: unknown = {}) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
  const path = request.url ?? "";
  if (path === "/v2/repository/index") return void say(200, card.index());
  const [, name = "", action] = /^\/v2\/(?:repository\/)?models\/([^/]+)\/(load|unload|ready|infer)$/.exec(path) ?? [];
  if (!card.knows(name)) return void say(404, { error: `unknown model "${name}"` });
  if (action === "ready") return void say(card.place(name).state === "ready" ? 200 : 400);
  if (action === "load" && card.failing.has(name)) return void say(400, { error: "out of memory" });
  if (action === "infer") return runInfer(card, name, { ...JSON.parse(body), request, say });
  await (action === "load" ? card.load(name) : card.unload(name));
  say(200);
}

interface Inference {
  ms: number;
  holder?: string;
  request: IncomingMessage;
  say: (status: number, content?: unknown) => unknown;
}

async function runInfer(card: SimulatedCard, name: string, { ms, holder, request, say }: Inference): Promise<void> {
  if (card.place(name).state !== "ready") {
    card.log("call refused", name, holder);
    return void say(400, { error: `model "${name}" is not ready` });
  }
  card.log("call begins", name, holder);
  const gone = new AbortController();
  const leave = () => gone.abort();
  request.socket.once("close", leave);
  await timer(ms, undefined, { signal: gone.signal }).catch(() => undefined);
  request.socket.off("close", leave);
  card.log("call ends", name, holder);
  say(200, {});
}

/** Calls a model on a simulated card. @throws when the card says that it is not there */
export async function infer(
  url: string,
  { model, signal, ...call }: { model: string; ms: number; signal: AbortSignal; holder?: string },
): Promise<string> {
  const path = `/v2/models/${model}/infer`;
  const { statusCode, body } = await ask(`${url}${path}`, { method: "POST", body: JSON.stringify(call), signal });
  await body.dump();
  if (statusCode !== 200) throw new Error(`Cannot infer as model "${model}" is not on the card`);
  return model;
}
