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
  type Llm,
  type LlmEnd,
  type LlmJson,
  type LlmMessage,
  type LlmPart,
  type LlmRequest,
  type LlmUsage,
} from "./llm/llm.ts";
