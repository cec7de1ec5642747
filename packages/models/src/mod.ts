export { CALLING, type Calling } from "./calling.ts";
export { DETECTOR_DEFAULTS, DetectorConfig, LLM_DEFAULTS, LlmConfig } from "./config.ts";
export { createDetector, type Detector, type DetectorAnswer, type FoundObject, type Picture } from "./detector.ts";
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
export {
  createLlm,
  type Llm,
  type LlmEnd,
  type LlmJson,
  type LlmMessage,
  type LlmPart,
  type LlmRequest,
  type LlmUsage,
} from "./llm.ts";
export { SecretRef } from "./secret.ts";
