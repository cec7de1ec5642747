import type { CallOptions } from "../calling/call-options.ts";
import type { Fault } from "../calling/faults.ts";
import type { ModelMetadata } from "./inference-service.ts";
import type { InputTensor, OutputTensor } from "./tensor.ts";

/** What a model said to one request. */
export interface InferAnswer {
  model_name: string;
  model_version: string;
  outputs: OutputTensor[];
  /** From sending the request to the whole answer, without the wait for a slot. */
  infer_ms: number;
}

/** What a model is asked. */
export interface InferQuestion {
  inputs: readonly InputTensor[];
  /** Names of the outputs that are wanted. */
  outputs: readonly string[];
}

/** One model behind KServe v2, over gRPC or HTTP. Calls throw what `ModelServer.open` throws. */
export interface KserveTransport {
  readonly fault: Fault;
  /** What the model takes and gives. */
  metadata(options: CallOptions): Promise<ModelMetadata>;
  /** What `read` makes of the answer; an answer that it does not take is the server's failure. */
  infer<T>(question: InferQuestion, options: CallOptions, read: (answer: InferAnswer) => T): Promise<T>;
  /** Resolves when the model is ready, with no wait for a slot. */
  probe(signal: AbortSignal): Promise<void>;
  /** Calls in flight fail. */
  close(): Promise<void>;
}
