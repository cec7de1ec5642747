import { promisify } from "node:util";
import { type InferenceService, inferenceService } from "@gatehouse/models";
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status as Status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { fateOf } from "../failing.ts";
import { infer, metadataOf, serverMetadata } from "../kserve/infer.ts";
import { servedVersion } from "../kserve/served-model.ts";
import { widenWindows } from "../kserve/wide-window.ts";
import { wireError } from "./answer-error.ts";
import { type KserveParts, maxTensorBytes } from "./kserve-http.ts";

/** A listening gRPC server. */
export interface GrpcDoor {
  port: number;
  /** Ends every call, the hanging ones too. */
  stop(): void;
}

type Answering<M> = M extends {
  requestDeserialize(bytes: Buffer): infer Q;
  responseDeserialize(bytes: Buffer): infer A;
}
  ? (request: Q, signal: AbortSignal) => A | null | Promise<A | null>
  : never;
/** An answer for each method; null: none ever comes. */
type Answers = { [Name in keyof InferenceService]: Answering<InferenceService[Name]> };

/** KServe v2 over gRPC, with Triton's model repository extension; wide receive windows, so that tensors do not stall. */
export async function openGrpcDoor(
  parts: KserveParts,
  { host, port }: { host: string; port: number },
): Promise<GrpcDoor> {
  const server = new Server({ "grpc.max_receive_message_length": maxTensorBytes });
  const answers = Object.entries(answersFrom(parts)).map(([name, answer]) => [name, unary(answer as Answering<never>)]);
  server.addService(
    (await inferenceService()) as unknown as ServiceDefinition,
    Object.fromEntries(answers) as UntypedServiceImplementation,
  );
  const bind = promisify(server.bindAsync.bind(server));
  const bound = await bind(`${host}:${port}`, ServerCredentials.createInsecure());
  widenWindows(server);
  return { port: bound, stop: () => server.forceShutdown() };
}

function answersFrom({ failures, random, repository }: KserveParts): Answers {
  return {
    ServerLive: () => ({ live: true }),
    ServerReady: () => ({ ready: true }),
    ServerMetadata: () => serverMetadata,
    ModelReady: ({ name, version }) => ({ ready: repository.isReady(name, version) }),
    ModelMetadata: ({ name, version }) => metadataOf(repository.ready(name, version)),
    ModelInfer: async (request, signal) => {
      const fate = await fateOf(failures.kserve, { random, signal });
      if (fate === "hangs" || fate === "gone") return null;
      const { model_name, model_version = "", inputs, outputs = [], raw_input_contents } = request;
      const { data, ...output } = await infer(repository, {
        model: model_name,
        version: model_version,
        inputs: inputs.map((input, at) => ({ ...input, data: raw_input_contents[at] ?? new Uint8Array() })),
        outputs: outputs.map(({ name }) => name),
      });
      const raw = fate === "garbage" ? data.subarray(0, 3) : data;
      return { model_name, model_version: servedVersion, outputs: [output], raw_output_contents: [raw] };
    },
    RepositoryIndex: ({ ready }) => ({ models: repository.index({ ready }) }),
    RepositoryModelLoad: async ({ model_name }) => {
      await repository.load(model_name);
      return {};
    },
    RepositoryModelUnload: ({ model_name }) => {
      repository.unload(model_name);
      return {};
    },
  };
}

function unary(answer: (request: unknown, signal: AbortSignal) => unknown): handleUnaryCall<unknown, unknown> {
  return (call, callback) => {
    const gone = new AbortController();
    call.once("cancelled", () => gone.abort());
    const run = async () => answer(call.request, gone.signal);
    run().then(
      (value) => value !== null && callback(null, value),
      (error: Error) => {
        const { status, message } = wireError(error);
        callback({ code: CODES[status] ?? Status.INTERNAL, details: message });
      },
    );
  };
}

/** gRPC's code for an HTTP status. */
const CODES: Readonly<Record<number, Status>> = {
  400: Status.INVALID_ARGUMENT,
  401: Status.UNAUTHENTICATED,
  403: Status.PERMISSION_DENIED,
  404: Status.NOT_FOUND,
  413: Status.INVALID_ARGUMENT,
  415: Status.INVALID_ARGUMENT,
  422: Status.INVALID_ARGUMENT,
  429: Status.RESOURCE_EXHAUSTED,
  503: Status.UNAVAILABLE,
};
