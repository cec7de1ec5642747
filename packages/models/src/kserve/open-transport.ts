import type { CallOptions } from "../calling/call-options.ts";
import { type Fault, faultsOf } from "../calling/faults.ts";
import { readSecret } from "../calling/secret.ts";
import { parseServerUrl } from "../calling/server-url.ts";
import { ModelConfigError } from "../errors.ts";
import { KSERVE_DEFAULTS, type KserveConfig } from "./config.ts";
import type { GrpcServerOptions } from "./grpc-server.ts";
import { inferenceService, type ModelMetadata } from "./inference-service.ts";
import { KserveHttp } from "./kserve-http.ts";
import type { KserveUse } from "./kserve-model.ts";
import type { InferAnswer, InferQuestion, KserveTransport } from "./transport.ts";

/** The way to a configured model; nothing is connected before the first call. @throws {ModelConfigError} for a url or secret that cannot be used */
export function openTransport(config: KserveConfig, { action, Down, Auth, calling }: KserveUse): KserveTransport {
  const { kind, url, model: name, version = "", timeout_ms, in_flight, api_key } = { ...KSERVE_DEFAULTS, ...config };
  const { origin, server, path } = parseServerUrl(url);
  const callee = { action, server, model: name, Down, Auth };
  const secret = api_key ? readSecret(api_key) : null;
  const options = { callee, in_flight, timeout_ms, calling, secret };
  if (kind === "kserve-http")
    return new KserveHttp({ ...options, origin, connect_timeout_ms: timeout_ms }, { base: path, name, version });
  if (path !== "")
    throw new ModelConfigError(`Cannot use the url of model server "${server}" as one for gRPC must have no path`);
  const { protocol, hostname, port } = new URL(origin);
  const tls = protocol === "https:";
  const target = `${hostname}:${port || (tls ? 443 : 80)}`;
  return new GrpcTransport({ ...options, target, tls }, { name, version });
}

/** gRPC, loaded with the first call: its libraries cost 28 MB and a tenth of a second, which others need not pay. */
class GrpcTransport implements KserveTransport {
  readonly fault: Fault;
  readonly #options: GrpcServerOptions;
  readonly #model: { name: string; version: string };
  #opening: Promise<KserveTransport> | undefined;
  #closed = false;

  constructor(options: GrpcServerOptions, model: { name: string; version: string }) {
    this.fault = faultsOf(options.callee, options.secret);
    this.#options = options;
    this.#model = model;
  }

  async metadata(options: CallOptions): Promise<ModelMetadata> {
    return (await this.#open()).metadata(options);
  }

  async infer<T>(question: InferQuestion, options: CallOptions, read: (answer: InferAnswer) => T): Promise<T> {
    return (await this.#open()).infer(question, options, read);
  }

  async probe(signal: AbortSignal): Promise<void> {
    return (await this.#open()).probe(signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#opening)?.close();
  }

  #open(): Promise<KserveTransport> {
    if (this.#closed && !this.#opening)
      throw this.fault(this.#options.callee.Down, "it must take the call and answer: its connections are closed");
    this.#opening ??= load(this.#options, this.#model);
    return this.#opening;
  }
}

async function load(options: GrpcServerOptions, model: { name: string; version: string }): Promise<KserveTransport> {
  const [{ KserveGrpc }, service] = await Promise.all([import("./kserve-grpc.ts"), inferenceService()]);
  return new KserveGrpc(options, { ...model, service });
}
