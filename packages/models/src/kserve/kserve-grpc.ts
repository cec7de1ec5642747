import type { CallOptions } from "../calling/call-options.ts";
import type { Callee, Fault } from "../calling/faults.ts";
import { ModelAnswerError, ModelRefusedError } from "../errors.ts";
import { GrpcServer, type GrpcServerOptions } from "./grpc-server.ts";
import { piecewiseInfer } from "./infer-request.ts";
import type { InferenceService, ModelInferResponse, ModelMetadata } from "./inference-service.ts";
import { bytesOfPieces, type OutputTensor } from "./tensor.ts";
import type { InferAnswer, InferQuestion, KserveTransport } from "./transport.ts";

/** A model behind KServe v2 over gRPC, tensors as raw contents. */
export class KserveGrpc implements KserveTransport {
  readonly #server: GrpcServer;
  readonly #callee: Callee;
  readonly #most_bytes: number;
  readonly #service: InferenceService;
  readonly #infer: ReturnType<typeof piecewiseInfer>;
  readonly #model: { name: string; version: string };

  constructor(
    options: GrpcServerOptions,
    { service, ...model }: { service: InferenceService; name: string; version: string },
  ) {
    this.#server = new GrpcServer(options);
    this.#callee = options.callee;
    this.#most_bytes = options.calling.tensor_bytes;
    this.#service = service;
    this.#infer = piecewiseInfer(service);
    this.#model = model;
  }

  get fault(): Fault {
    return this.#server.fault;
  }

  metadata(options: CallOptions): Promise<ModelMetadata> {
    return this.#server.call(this.#service.ModelMetadata, this.#model, options, (answer) => answer);
  }

  async infer<T>(
    { inputs, outputs }: InferQuestion,
    options: CallOptions,
    read: (answer: InferAnswer) => T,
  ): Promise<T> {
    const bytes = inputs.reduce((sum, { pieces }) => sum + bytesOfPieces(pieces), 0);
    if (bytes > this.#most_bytes)
      throw this.fault(ModelRefusedError, `a question must be at most ${this.#most_bytes} bytes: it has ${bytes}`);
    const request = {
      model_name: this.#model.name,
      model_version: this.#model.version,
      inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })),
      outputs: outputs.map((name) => ({ name })),
      contents: inputs.map(({ pieces }) => pieces),
    };
    return this.#server.call(this.#infer, request, options, (answer, infer_ms) => {
      const { model_name, model_version } = answer;
      return read({ model_name, model_version, outputs: outputsOf(answer, this.fault), infer_ms });
    });
  }

  async probe(signal: AbortSignal): Promise<void> {
    const { ready } = await this.#server.probe(this.#service.ModelReady, this.#model, signal);
    if (!ready) throw this.fault(this.#callee.Down, "the model must be ready: it is not");
  }

  async close(): Promise<void> {
    this.#server.close();
  }
}

/** @throws {ModelAnswerError} when not every output has its raw contents */
function outputsOf({ outputs, raw_output_contents }: ModelInferResponse, fault: Fault): OutputTensor[] {
  if (outputs.length !== raw_output_contents.length)
    throw fault(
      ModelAnswerError,
      `raw_output_contents must be there for each of ${outputs.length} outputs: there are ${raw_output_contents.length}`,
    );
  return outputs.map(({ name, datatype, shape }, at) => ({ name, datatype, shape, data: raw_output_contents[at]! }));
}
