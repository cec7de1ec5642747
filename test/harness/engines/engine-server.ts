import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as timer } from "node:timers/promises";
import type { MatchedOperation, PublishedContract } from "./published-contract.ts";
import type { Fault, SwitchBoard, Switches } from "./switches.ts";

/** A request that the published definitions know and find no fault with. */
export interface Call {
  operation: string;
  params: Record<string, string>;
  query: URLSearchParams;
  body: unknown;
  /** Answered with how things were one change before. */
  is_stale: boolean;
  /** Gone when the client or the engine is. */
  signal: AbortSignal;
}

/** What an engine answers: a body of JSON; or it writes the response itself, as a watch does. */
export type Reply = { status: number; body: unknown } | { stream: (response: ServerResponse) => void };

export interface EngineServerOptions {
  port?: number;
  /** What requests must carry as bearer; null: nothing. It is replaced by `POST /_test/token {token}`. */
  token?: string | null;
  contract: PublishedContract;
  switches: SwitchBoard;
  /** What is wrong with a request beside what the definitions can say, such as a filter inside a query. */
  check?(call: Call): string[];
  /** The body of an error, as the engine's publisher has it. */
  errorBody(status: number, message: string): unknown;
  handle(call: Call): Reply;
  /** Applies a request that was cut, in `late_ms`. */
  later(call: Call, late_ms: number): void;
  /** What stands under `GET|POST /_test/<name>` beside `switch`, `token` and `contract`. */
  tests: Record<string, (body: unknown) => unknown>;
}

export interface EngineServer {
  url: string;
  stop(): Promise<void>;
}

/** An engine behind a real socket, whose clients meet what its switches say. `GET /_test/contract` counts contract faults. */
export async function startEngineServer(options: EngineServerOptions): Promise<EngineServer> {
  const state: State = { options, token: options.token ?? null, contract_faults: [], requests: {}, met: {} };
  const server = createServer(
    { keepAliveTimeout: 60_000 },
    (request, response) => void answer(state, request, response).catch(() => response.destroy()),
  );
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => stop(server) };
}

interface State {
  options: EngineServerOptions;
  token: string | null;
  contract_faults: string[];
  /** Requests of each operation that were understood. */
  requests: Record<string, number>;
  /** Faults that requests have met, by kind; `status 503` for one that was answered with that. */
  met: Record<string, number>;
}

async function stop(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://engine");
  const body = await bodyOf(request);
  if (url.pathname.startsWith("/_test/")) {
    send(response, control(state, url.pathname.slice("/_test/".length), body));
    return;
  }
  const { contract, switches, errorBody, check } = state.options;
  const matched = contract.match(request.method ?? "", url.pathname);
  const refuse = (status: number, message: string) => send(response, { status, body: errorBody(status, message) });
  const call = matched && callOf(matched, { url, body, response });
  const faults = matched?.faults({ query: url.searchParams, body }) ?? [
    `there is no ${request.method} ${url.pathname}`,
  ];
  if (call && faults.length === 0) faults.push(...(check?.(call) ?? []));
  state.contract_faults.push(...faults.map((fault) => `${matched?.operationId ?? "none"}: ${fault}`));
  if (switches.latency_ms > 0) await timer(switches.latency_ms);
  if (state.token !== null && request.headers.authorization !== `Bearer ${state.token}`) {
    refuse(401, "Unauthorized: the bearer token is missing or not known");
  } else if (!call) refuse(404, faults[0]!);
  else if (faults.length > 0) refuse(400, faults.join("; "));
  else meet(state, call, response);
}

function callOf(
  { operationId: operation, params }: MatchedOperation,
  { url, body, response }: { url: URL; body: unknown; response: ServerResponse },
): Call {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  return { operation, params, query: url.searchParams, body, is_stale: false, signal: gone.signal };
}

/** Answers a call, or lets it meet the fault that is planned for it. */
function meet({ options, requests, met }: State, call: Call, response: ServerResponse): void {
  requests[call.operation] = (requests[call.operation] ?? 0) + 1;
  const fault: Fault | null = options.switches.take(call.operation);
  if (fault) met[nameOf(fault)] = (met[nameOf(fault)] ?? 0) + 1;
  const told = (status: number) => options.errorBody(status, `told to answer ${status}`);
  if (fault?.kind === "late") options.later(call, fault.late_ms);
  if (fault?.kind === "late" || fault?.kind === "cut_before") {
    response.destroy();
    return;
  }
  if (fault?.kind === "status") {
    if (fault.retry_after_s !== undefined) response.setHeader("retry-after", String(fault.retry_after_s));
    return send(response, { status: fault.status, body: told(fault.status) });
  }
  if (fault?.kind === "proxy") {
    response.writeHead(fault.status, { "content-type": "text/html" }).end("<html>default backend</html>");
    return;
  }
  const is_stale = fault?.kind === "stale";
  const reply = options.handle({ ...call, is_stale });
  if (fault === null || is_stale) send(response, reply);
  else if (fault.kind === "cut_after") response.destroy();
  else if (fault.kind === "malformed") response.writeHead(200, { "content-type": "application/json" }).end("{not json");
  else if (fault.kind === "foreign") send(response, { status: 200, body: { runs: "none", metadata: 7, run_id: 7 } });
  else send(response, { status: fault.status, body: told(fault.status) });
}

function control(state: State, name: string, body: unknown): Reply {
  const { options, contract_faults: faults, requests, met } = state;
  const given = (body ?? {}) as Record<string, unknown>;
  const asked: Record<string, (body: unknown) => unknown> = {
    switch: () => options.switches.set(given as Partial<Switches>),
    token: () => {
      state.token = (given.token as string | null) ?? null;
    },
    contract: () => ({ faults, requests, met }),
    ...options.tests,
  };
  const ask = asked[name];
  return ask
    ? { status: 200, body: ask(body) ?? {} }
    : { status: 404, body: { message: `there is no /_test/${name}` } };
}

const nameOf = (fault: Fault): string => ("status" in fault ? `${fault.kind} ${fault.status}` : fault.kind);

function send(response: ServerResponse, reply: Reply): void {
  if ("stream" in reply) return reply.stream(response);
  response
    .writeHead(reply.status, { "content-type": "application/json" })
    .end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
}

/** Undefined without a body; a body that is no JSON is handed on as its text, which no definition takes. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString("utf8");
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
