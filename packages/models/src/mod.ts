export type { CallOptions, Priority } from "./calling/call-options.ts";
export { CALLING, type Calling } from "./calling/calling.ts";
export type { SecretRef } from "./calling/secret.ts";
export type { DetectorConfig } from "./detector/config.ts";
export {
  createDetector,
  type Detector,
  type DetectorAnswer,
  type FoundObject,
  type Picture,
} from "./detector/detector.ts";
export {
  DetectorAuthError,
  DetectorDownError,
  LlmAuthError,
  LlmDownError,
  EmbedderAuthError,
  EmbedderDownError,
  GpuLeaseLostError,
  GpuLoadError,
  ImageEmbedderAuthError,
  ImageEmbedderDownError,
  ModelAnswerError,
  ModelBusyError,
  ModelConfigError,
  ModelRefusedError,
  ModelTimeoutError,
} from "./errors.ts";
export { type InferenceService, inferenceService } from "./kserve/inference-service.ts";
export type { LlmConfig } from "./llm/config.ts";
export {
  createLlm,
export type { CardState } from "./gpu/card-state.ts";
export type { CardConfig, GpuConfig, GpuModelConfig, GpuPriority, LoadingConfig } from "./gpu/config.ts";
export { createGpu, type Gpu, type GpuOptions } from "./gpu/gpu.ts";
export type { CardEntry, LeaseStore } from "./gpu/lease-store.ts";
export { type CardStatus, type ModelOnCard, type PendingLoad, readCardStatus } from "./gpu/status.ts";
export { GPU_TIMES, type GpuTimes } from "./gpu/times.ts";
export type { ImageEmbedderConfig } from "./image-embedder/config.ts";
export { createImageEmbedder, type ImageEmbedder, type ImageEmbedding } from "./image-embedder/image-embedder.ts";
  type Llm,
  type LlmEnd,
  type LlmJson,
  type LlmMessage,
  type LlmPart,
  type LlmRequest,
  type LlmUsage,
} from "./llm/llm.ts";
