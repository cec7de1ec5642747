import { createHash } from "node:crypto";
import { VectorsDownError } from "../errors.ts";
import { checkPoints, checkSearch, checkSet, mismatch } from "./check-points.ts";
import type { VectorHit, VectorPoint, VectorSearch, VectorStore } from "./vector-store.ts";

const TIMEOUT_MS = 10_000;
const WRITE_TIMEOUT_MS = 3_000;
/** Field of a point's payload that searches narrow by. */
const FIELDS = ["scope", "collection"];
const MOST_WORDS = 300;

/** What ends a call: its caller, or the time for all requests of it. */
interface Ends {
  signal?: AbortSignal | undefined;
  late?: AbortSignal;
}

interface Asked extends Ends {
  method: "GET" | "PUT" | "POST" | "DELETE";
  path: string;
  body?: unknown;
  action: string;
}

interface Answered {
  status: number;
  /** Of a 200. */
  result: unknown;
}

/** Vectors in Qdrant, over its HTTP interface: https://api.qdrant.tech/api-reference */
export class QdrantVectors implements VectorStore {
  readonly #url: string;
  readonly #fault: string | null;
  readonly #headers: Record<string, string>;
  readonly #closing = new AbortController();
  readonly #dimensions = new Map<string, number>();
  /** Sets whose every index is known to be there. */
  readonly #whole = new Set<string>();

  constructor(given: string) {
    const { url, key, fault } = withoutKey(given);
    this.#fault = fault;
    this.#url = url.replace(/\/+$/, "");
    this.#headers = { "content-type": "application/json", ...(key === "" ? {} : { "api-key": key }) };
  }

  async upsert(set: string, points: readonly VectorPoint[]): Promise<void> {
    checkPoints(set, points);
    const action = `Cannot keep vectors in "${set}"`;
    const { length } = points[0]!.vector;
    const late = AbortSignal.timeout(WRITE_TIMEOUT_MS);
    if (!this.#whole.has(set)) await this.#make(set, length, action, { late });
    else await this.#fits(set, length, action, { late });
    const body = {
      points: points.map(({ id, vector, scope, collection }) => ({
        id: pointId(id),
        vector: Array.from(vector),
        payload: { id, scope, collection },
      })),
    };
    const { status } = await this.#send({ method: "PUT", path: `${pathOf(set)}/points?wait=true`, body, action, late });
    if (status === 404) this.#forget(set);
    if (status !== 200) throw new VectorsDownError(`${action}: Qdrant answered ${status}`);
  }

  async remove(set: string, ids: readonly string[]): Promise<void> {
    checkSet(set);
    const action = `Cannot remove vectors of "${set}"`;
    const path = `${pathOf(set)}/points/delete?wait=true`;
    const late = AbortSignal.timeout(WRITE_TIMEOUT_MS);
    await this.#send({ method: "POST", path, body: { points: ids.map(pointId) }, action, late });
  }

  async search(set: string, vector: Float32Array, search: VectorSearch): Promise<VectorHit[]> {
    checkSearch(set, vector, search);
    const { limit, scopes, collection, signal } = search;
    const action = `Cannot search "${set}"`;
    if (scopes.length === 0 || !(await this.#fits(set, vector.length, action, { signal }))) return [];
    const must: object[] = [{ key: "scope", match: { any: scopes } }];
    if (collection !== null) must.push({ key: "collection", match: { value: collection } });
    const body = { query: Array.from(vector), limit, filter: { must }, with_payload: ["id"] };
    const answered = await this.#send({ method: "POST", path: `${pathOf(set)}/points/query`, body, action, signal });
    if (answered.status === 404) return [];
    const { points } = answered.result as { points?: { score?: number; payload?: { id?: string } }[] };
    if (!Array.isArray(points)) throw nonsense(action);
    return points.map(({ score, payload }) => {
      if (typeof score !== "number" || typeof payload?.id !== "string") throw nonsense(action);
      return { id: payload.id, similarity: score };
    });
  }

  async count(set: string): Promise<number> {
    checkSet(set);
    const action = `Cannot count the vectors of "${set}"`;
    const path = `${pathOf(set)}/points/count`;
    const { status, result } = await this.#send({ method: "POST", path, body: { exact: true }, action });
    if (status === 404) return 0;
    const { count } = result as { count?: number };
    if (typeof count !== "number") throw nonsense(action);
    return count;
  }

  async drop(set: string): Promise<void> {
    checkSet(set);
    this.#forget(set);
    await this.#send({ method: "DELETE", path: pathOf(set), action: `Cannot drop the vectors of "${set}"` });
  }

  async probe(signal: AbortSignal): Promise<void> {
    await this.#send({ method: "GET", path: "/collections", action: "Cannot probe Qdrant", signal });
  }

  async close(): Promise<void> {
    this.#closing.abort(new VectorsDownError("Cannot use Qdrant: it was closed"));
  }

  /** Whether there is such a set. @throws {VectorMismatchError} when it has other dimensions */
  async #fits(set: string, dimensions: number, action: string, ends: Ends): Promise<boolean> {
    const known = this.#dimensions.get(set) ?? (await this.#read(set, action, ends));
    if (known === null) return false;
    this.#dimensions.set(set, known);
    if (known !== dimensions) throw mismatch(action, known, dimensions);
    return true;
  }

  async #read(set: string, action: string, ends: Ends): Promise<number | null> {
    const { status, result } = await this.#send({ method: "GET", path: pathOf(set), action, ...ends });
    if (status === 404) return null;
    const size = (result as { config?: { params?: { vectors?: { size?: number } } } }).config?.params?.vectors?.size;
    if (typeof size !== "number") throw nonsense(action);
    return size;
  }

  /**
   * Makes what is not there of a set: whoever began it may have died before its indexes. Two processes may do this at once: the
   * second is told that the set is there. @throws {VectorMismatchError}
   */
  async #make(set: string, size: number, action: string, ends: Ends): Promise<void> {
    const body = { vectors: { size, distance: "Cosine" } };
    if (!(await this.#fits(set, size, action, ends)))
      await this.#send({ method: "PUT", path: pathOf(set), body, action, accept: [409], ...ends });
    for (const field_name of FIELDS) {
      const index = { field_name, field_schema: "keyword" };
      await this.#send({ method: "PUT", path: `${pathOf(set)}/index?wait=true`, body: index, action, ...ends });
    }
    if (await this.#fits(set, size, action, ends)) this.#whole.add(set);
  }

  #forget(set: string): void {
    this.#dimensions.delete(set);
    this.#whole.delete(set);
  }

  /** 200, 404 and what is accepted come back; anything else is Qdrant's failure. */
  async #send({
    method,
    path,
    body,
    action,
    signal,
    late,
    accept = [],
  }: Asked & { accept?: number[] }): Promise<Answered> {
    signal?.throwIfAborted();
    if (this.#fault !== null) throw new VectorsDownError(`${action}: ${this.#fault}`);
    const given = [signal, late].filter((end) => end !== undefined);
    const ends = AbortSignal.any([...given, this.#closing.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const init = { method, headers: this.#headers, signal: ends, redirect: "error" as const };
      const response = await fetch(
        this.#url + path,
        body === undefined ? init : { ...init, body: JSON.stringify(body) },
      );
      if (response.status === 200) return { status: 200, result: resultOf(await response.json(), action) };
      const words = (await response.text()).slice(0, MOST_WORDS);
      if (response.status === 404 || accept.includes(response.status)) return { status: response.status, result: {} };
      throw new VectorsDownError(`${action}: Qdrant answered ${response.status}: ${words}`);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof VectorsDownError) throw error;
      throw new VectorsDownError(`${action}: ${reasonOf(error as Error)}`, { cause: error });
    }
  }
}

/** What is wrong with a URL is told with the first call, without its key. */
function withoutKey(given: string): { url: string; key: string; fault: string | null } {
  const url = URL.parse(given);
  if (url === null) return { url: "", key: "", fault: "QDRANT_URL must be a URL: it is none" };
  const key = decoded(url.password);
  url.username = url.password = "";
  const fault = key === null ? "the password of QDRANT_URL must be percent-encoded: a % in it is written %25" : null;
  return { url: url.href, key: key ?? "", fault };
}

function decoded(password: string): string | null {
  try {
    return decodeURIComponent(password);
  } catch {
    return null;
  }
}

/** What Qdrant answers with: `{ result, status: "ok", time }`. */
function resultOf(body: unknown, action: string): unknown {
  const { result, status } = (body ?? {}) as { result?: unknown; status?: unknown };
  if (status !== "ok" || result === undefined || result === null) throw nonsense(action);
  return result;
}

/** Another server may listen there. */
const nonsense = (action: string) => new VectorsDownError(`${action}: what answered must be Qdrant: it is not`);

const pathOf = (set: string): string => `/collections/gatehouse_${set}`;

/** Qdrant takes UUIDs and numbers only: the id's hash as a UUID of version 8 (RFC 9562). */
function pointId(id: string): string {
  const hex = createHash("sha256").update(id).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
