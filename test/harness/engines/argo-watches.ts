import type { ServerResponse } from "node:http";
import { labelsOf, selectorOf, toldRun, withFields } from "./argo-answers.ts";
import type { ArgoRuns, RunEvent } from "./argo-runs.ts";

interface Watch {
  response: ServerResponse;
  namespace: string;
  selects: (labels: Record<string, string>) => boolean;
  fields: string | null;
  has_bookmarks: boolean;
  /** It is told of later versions only, also where such are yet to come. */
  after: number;
  /** Held back to be sent the other way round. */
  held: string[];
  is_silent: boolean;
}

/** How a watch ends: as Argo's does when its cluster ends it (a frame that says EOF), without a word, cut off, or not at all but for its silence. */
export type WatchEnd = "eof" | "clean" | "cut" | "silence";

const KEEPALIVE_MS = 15_000;
/** How long events are held to be sent the other way round. */
const HOLD_MS = 15;

/** The watches on an Argo that is none. */
export class ArgoWatches {
  /** Events that come together are sent the other way round. */
  is_shuffled = false;
  readonly #runs: ArgoRuns;
  readonly #watches = new Set<Watch>();
  readonly #keepalive: NodeJS.Timeout;
  #pause: NodeJS.Timeout | null = null;

  constructor(runs: ArgoRuns) {
    this.#runs = runs;
    runs.told = (event) => {
      for (const watch of this.#watches) this.#tell(watch, event);
    };
    this.#keepalive = setInterval(() => this.say(":\n"), KEEPALIVE_MS);
  }

  /** How many there are. */
  get size(): number {
    return this.#watches.size;
  }

  /** Answers with the events from a version on. */
  open(response: ServerResponse, namespace: string, query: URLSearchParams): void {
    const version = query.get("listOptions.resourceVersion");
    const watch: Watch = {
      response,
      namespace,
      selects: selectorOf(query.get("listOptions.labelSelector")),
      fields: query.get("fields"),
      has_bookmarks: query.get("listOptions.allowWatchBookmarks") === "true",
      after: Number(version ?? 0),
      held: [],
      is_silent: false,
    };
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    response.once("close", () => this.#watches.delete(watch));
    this.#watches.add(watch);
    if (version !== null) for (const event of this.#runs.eventsAfter(watch.after) ?? []) this.#tell(watch, event);
  }

  /** Writes that into every watch. */
  say(text: string): void {
    for (const { response, is_silent } of this.#watches) if (!is_silent) response.write(text);
  }

  /** An event about nothing, to those who asked for such. */
  bookmark(): void {
    const object = { metadata: { resourceVersion: String(this.#runs.version) } };
    const text = frame({ result: { type: "BOOKMARK", object } });
    for (const { response, has_bookmarks, is_silent } of this.#watches)
      if (has_bookmarks && !is_silent) response.write(text);
  }

  end(how: WatchEnd): void {
    if (how === "silence") for (const watch of this.#watches) watch.is_silent = true;
    else if (how === "cut") for (const { response } of this.#taken()) response.destroy();
    else if (how === "clean") for (const { response } of this.#taken()) response.end();
    else this.fail(429, "EOF");
  }

  /** Every watch is told an error and ends. */
  fail(http_code: number, message: string): void {
    const [grpc_code, http_status] = http_code === 429 ? [8, "Too Many Requests"] : [3, "Bad Request"];
    const said = { error: { grpc_code, http_code, message, http_status } };
    for (const { response, fields } of this.#taken()) response.end(frame(withFields(said, fields)));
  }

  get is_paused(): boolean {
    return this.#pause !== null;
  }

  /** Every watch ends, and none begins until then; what happened meanwhile is told to none. */
  pause(ms: number): void {
    clearTimeout(this.#pause ?? undefined);
    this.end("cut");
    this.#pause = setTimeout(() => {
      this.#pause = null;
      this.#runs.expire();
    }, ms);
  }

  stop(): void {
    clearInterval(this.#keepalive);
    clearTimeout(this.#pause ?? undefined);
    this.end("cut");
  }

  #taken(): Watch[] {
    const all = [...this.#watches];
    this.#watches.clear();
    return all;
  }

  #tell(watch: Watch, { type, version, run, changes }: RunEvent): void {
    if (watch.is_silent || version <= watch.after) return;
    if (run.given.namespace !== watch.namespace || !watch.selects(labelsOf(run, changes))) return;
    const object = toldRun(run, { changes, version });
    const text = frame(withFields({ result: { type, object } }, watch.fields));
    if (!this.is_shuffled) watch.response.write(text);
    else if (watch.held.push(text) === 1) setTimeout(() => this.#release(watch), HOLD_MS);
  }

  #release(watch: Watch): void {
    const text = watch.held.splice(0).reverse().join("");
    if (this.#watches.has(watch)) watch.response.write(text);
  }
}

/** Argo writes a blank behind the data. */
const frame = (value: object): string => `data: ${JSON.stringify(value)} \n\n`;
