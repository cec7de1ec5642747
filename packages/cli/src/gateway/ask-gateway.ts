import { setTimeout as delay } from "node:timers/promises";
import { describeError } from "@gatehouse/errors";
import { GatewayDownError, GatewayRefusedError } from "../errors.ts";
import type { Access } from "./access.ts";

export interface Asking {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Fields that are undefined are left out. */
  query?: Record<string, string | number | boolean | undefined>;
  headers?: Record<string, string>;
  /** Bytes as they are; anything else as JSON. */
  body?: Uint8Array | object;
  signal?: AbortSignal;
  /** One answer may take this long; by default 15 s. */
  limit_ms?: number;
}

const ANSWER_MS = 15_000;
/** A gateway that says "later" is asked again for this long. */
const PATIENCE_MS = 30_000;

/**
 * Asks the gateway and gives the JSON of its answer; null when it has none. Waits where it says `Retry-After`.
 * @throws {GatewayRefusedError} with the gateway's own code and sentence
 * @throws {GatewayDownError}
 */
export async function askGateway<T>(access: Access, path: string, asking: Asking = {}): Promise<T> {
  const give_up_ms = performance.now() + PATIENCE_MS;
  while (true) {
    const answer = await send(access, path, asking);
    if (answer.ok) return (answer.status === 204 ? null : await answer.json()) as T;
    const wait_ms = Number(answer.headers.get("retry-after")) * 1_000;
    const again = (answer.status === 429 || answer.status === 503) && wait_ms > 0;
    if (!again || performance.now() + wait_ms > give_up_ms) throw await refusal(answer, access);
    await answer.body?.cancel();
    await delay(wait_ms, undefined, asking.signal ? { signal: asking.signal } : {});
  }
}

async function send({ url, key }: Access, path: string, asking: Asking): Promise<Response> {
  const { method = "GET", query = {}, headers = {}, body, signal, limit_ms = ANSWER_MS } = asking;
  const target = new URL(`${url}${path}`);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) target.searchParams.set(name, String(value));
  const limit = AbortSignal.timeout(limit_ms);
  const json: Record<string, string> =
    body && !(body instanceof Uint8Array) ? { "content-type": "application/json" } : {};
  try {
    return await fetch(target, {
      method,
      headers: { authorization: `Bearer ${key}`, ...json, ...headers },
      ...(body ? { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) } : {}),
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (cause) {
    signal?.throwIfAborted();
    const { message } = describeError((cause as Error).cause ?? cause);
    throw new GatewayDownError(`Cannot reach the gateway at ${url}: ${message}`, { cause });
  }
}

async function refusal(answer: Response, { url }: Access): Promise<Error> {
  const body = (await answer.json().catch(() => null)) as { error?: { code?: unknown; message?: unknown } } | null;
  const { code, message } = body?.error ?? {};
  const said = typeof message === "string" ? message : `The gateway at ${url} answered ${answer.status}`;
  return new GatewayRefusedError(said, {
    facts: { status: answer.status, code: typeof code === "string" ? code : `HTTP_${answer.status}` },
  });
}
