import { fileURLToPath } from "node:url";
import type { MethodDefinition } from "@grpc/grpc-js";

/** A tensor's description on the wire; -1 is a dimension of any size. */
export interface TensorSpec {
  name: string;
  datatype: string;
  shape: number[];
}

interface ModelName {
  name: string;
  version: string;
}
interface RepositoryModel {
  repository_name?: string;
  model_name: string;
}

export interface ModelMetadata {
  name: string;
  versions: string[];
  platform: string;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
}

export interface ModelInferRequest {
  model_name: string;
  model_version?: string;
  id?: string;
  inputs: TensorSpec[];
  outputs?: { name: string }[];
  raw_input_contents: Uint8Array[];
}

export interface ModelInferResponse {
  model_name: string;
  model_version: string;
  id?: string;
  outputs: TensorSpec[];
  raw_output_contents: Uint8Array[];
}

/** One model of a repository. */
interface ModelIndex {
  name: string;
  version: string;
  /** `READY`, `UNAVAILABLE`, `LOADING`, `UNLOADING` or `UNKNOWN`. */
  state: string;
  reason: string;
}

/** The methods of `grpc_service.proto`, with codec and path: what a client calls and a server answers. */
export interface InferenceService {
  ServerLive: MethodDefinition<object, { live: boolean }>;
  ServerReady: MethodDefinition<object, { ready: boolean }>;
  ModelReady: MethodDefinition<ModelName, { ready: boolean }>;
  ServerMetadata: MethodDefinition<object, { name: string; version: string; extensions: string[] }>;
  ModelMetadata: MethodDefinition<ModelName, ModelMetadata>;
  ModelInfer: MethodDefinition<ModelInferRequest, ModelInferResponse>;
  RepositoryIndex: MethodDefinition<{ repository_name?: string; ready?: boolean }, { models: ModelIndex[] }>;
  RepositoryModelLoad: MethodDefinition<RepositoryModel, object>;
  RepositoryModelUnload: MethodDefinition<RepositoryModel, object>;
}

let loading: Promise<InferenceService> | undefined;

/** The KServe v2 service, read from its definition once per process. Numbers are numbers, bytes are views of the message. */
export function inferenceService(): Promise<InferenceService> {
  loading ??= readDefinition();
  return loading;
}

/** The library is loaded only where gRPC is spoken: it takes time and memory. */
async function readDefinition(): Promise<InferenceService> {
  const { load } = await import("@grpc/proto-loader");
  const path = fileURLToPath(new URL("grpc_service.proto", import.meta.url));
  const definition = await load(path, { keepCase: true, longs: Number, defaults: true });
  return definition["inference.GRPCInferenceService"] as unknown as InferenceService;
}
