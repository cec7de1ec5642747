import { setTimeout as delay } from "node:timers/promises";
import { describeError, GatehouseError } from "@gatehouse/errors";
import { GatewayDownError, GatewayRefusedError, NoAnswerError } from "../errors.ts";
import type { Access } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { DOCUMENTS, type KnownDocument, type Page, pathOf } from "./documents.ts";

/** A document to be added. */
export interface NewDocument {
  name: string;
  uri: string;
  media_type: string;
  title?: string | undefined;
  read(): Promise<Uint8Array>;
}

/** What becomes of the documents. */
export type AddNews =
  /** `passages` is null where nothing had to be done for an unchanged one. */
  | { what: "ready"; name: string; uri: string; document_id: string; passages: number | null; unchanged: boolean }
  | { what: "failed"; name: string; error: { code: string; message: string } }
  | { what: "progress"; settled: number; documents: number; passages: number; embedded: number };

interface Taken {
  document_id: string;
  state: KnownDocument["state"];
  unchanged: boolean;
}

/** How often it is asked how far they are: a single one is soon ready, many are not. */
const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 1_000;
/** So many are looked at each time: those that changed last. */
const MOST_LOOKED_AT = 500;
/** An upload of the largest one over a slow line. */
const UPLOAD_MS = 5 * 60_000;
const STUCK_MS = 5 * 60_000;

/** Sends documents and watches until all their passages can be found. */
export class DocumentAdder {
  readonly #access: Access;
  readonly #tell: (news: AddNews) => void;
  readonly #signal: AbortSignal;
  readonly #collection: string | undefined;
  readonly #open = new Map<string, { name: string; uri: string; unchanged: boolean }>();
  readonly #counts = new Map<string, Pick<KnownDocument, "passages" | "embedded">>();
  #documents = 0;
  #settled = 0;
  #moved_ms = performance.now();

  constructor(
    access: Access,
    options: { collection?: string | undefined; signal: AbortSignal; tell(news: AddNews): void },
  ) {
    this.#access = access;
    this.#signal = options.signal;
    this.#collection = options.collection;
    this.#tell = options.tell;
  }

  /** How many were sent and are still being read. */
  get open(): number {
    return this.#open.size;
  }

  /**
   * Stops early, without a fault, when the signal aborts: what was sent is read all the same.
   * @throws {GatewayDownError}
   * @throws {NoAnswerError} when nothing moved for 5 min
   */
  async add(documents: readonly NewDocument[]): Promise<void> {
    this.#documents = documents.length;
    let looked_ms = performance.now();
    for (const document of documents) {
      if (this.#signal.aborted) return;
      await this.#send(document);
      if (performance.now() - looked_ms < LAST_LOOK_MS) continue;
      await this.#look();
      looked_ms = performance.now();
    }
    for (let wait_ms = FIRST_LOOK_MS; this.#open.size > 0 && !this.#signal.aborted; wait_ms *= 2) {
      const paused = delay(Math.min(wait_ms, LAST_LOOK_MS), undefined, { signal: this.#signal });
      await paused.catch(() => undefined);
      await this.#look();
    }
  }

  async #send({ name, uri, media_type, title, read }: NewDocument): Promise<void> {
    try {
      const { document_id, state, unchanged } = await askGateway<Taken>(this.#access, DOCUMENTS, {
        method: "PUT",
        query: { uri, title, collection: this.#collection },
        headers: { "content-type": media_type },
        body: await read(),
        signal: this.#signal,
        limit_ms: UPLOAD_MS,
      });
      const sent = { name, uri, unchanged };
      if (state === "ready") this.#ready({ document_id, passages: null, ...sent });
      else this.#open.set(document_id, sent);
      this.#progress();
    } catch (error) {
      if (this.#signal.aborted) return;
      if (error instanceof GatewayDownError || !(error instanceof GatehouseError)) throw error;
      const refused = error instanceof GatewayRefusedError && error.facts.code;
      const { code, message } = describeError(error);
      this.#fail(name, { code: refused ? String(refused) : code, message });
    }
  }

  async #look(): Promise<void> {
    const [oldest] = this.#open.keys();
    if (oldest === undefined) return;
    const query = { collection: this.#collection, limit: MOST_LOOKED_AT };
    const { items } = await askGateway<Page>(this.#access, DOCUMENTS, { query });
    // Others may add more than that at the same time.
    const seen = items.some(({ document_id }) => document_id === oldest);
    if (!seen) items.push(await askGateway<KnownDocument>(this.#access, pathOf(oldest)));
    for (const document of items) this.#take(document);
    this.#progress();
    if (performance.now() - this.#moved_ms > STUCK_MS)
      throw new NoAnswerError(
        `Cannot wait on as no passage was embedded for 5 min: ${this.#open.size} documents are read once that is possible again, gatehouse docs list shows how far they are`,
      );
  }

  #take(document: KnownDocument): void {
    const { document_id, state, error, passages, embedded } = document;
    const open = this.#open.get(document_id);
    if (!open) return;
    const before = this.#counts.get(document_id);
    if (before?.embedded !== embedded || before.passages !== passages) this.#moved_ms = performance.now();
    this.#counts.set(document_id, { passages, embedded });
    if (state === "waiting" || state === "indexing") return;
    this.#open.delete(document_id);
    if (state !== "ready")
      return this.#fail(open.name, error ?? { code: "REMOVED", message: "It was removed meanwhile" });
    this.#ready({ document_id, passages, ...open });
  }

  #ready(document: Omit<Extract<AddNews, { what: "ready" }>, "what">): void {
    this.#settled++;
    this.#tell({ what: "ready", ...document });
  }

  #fail(name: string, error: { code: string; message: string }): void {
    this.#settled++;
    this.#tell({ what: "failed", name, error });
  }

  #progress(): void {
    const counts = [...this.#counts.values()];
    const sum = (of: "passages" | "embedded") => counts.reduce((total, count) => total + count[of], 0);
    const [settled, documents] = [this.#settled, this.#documents];
    this.#tell({ what: "progress", settled, documents, passages: sum("passages"), embedded: sum("embedded") });
  }
}
