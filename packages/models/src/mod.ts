export type { PcmFormat, PcmStream } from "./audio/pcm.ts";
export { wavFile } from "./audio/wav-file.ts";
export { readWavHeader, type WavHeader } from "./audio/wav-header.ts";
export { type Samples, wavSamples } from "./audio/wav-samples.ts";
export type { BatchObserver, LeftBatch } from "./batching/batch-observer.ts";
export { Batcher, type BatcherOptions } from "./batching/batcher.ts";
export type { CallOptions, Priority } from "./calling/call-options.ts";
export { CALLING, type Calling } from "./calling/calling.ts";
export type { Fault } from "./calling/faults.ts";
export { retryAfterMs } from "./calling/retrying.ts";
export type { SecretRef } from "./calling/secret.ts";
export { serverWords } from "./calling/server-words.ts";
export { SseReader } from "./calling/sse.ts";
export { type Caption, type Captioner, type CaptionOptions, createCaptioner } from "./captioner/captioner.ts";
export type { CaptionerConfig } from "./captioner/config.ts";
export {
  type Classification,
  type Classifier,
  type ClassifyOptions,
  createClassifier,
  type FittingLabel,
} from "./classifier/classifier.ts";
export type { ClassifierConfig } from "./classifier/config.ts";
export type { DetectorConfig } from "./detector/config.ts";
export {
  createDetector,
  type Detector,
  type DetectorAnswer,
  type FoundObject,
  type Picture,
} from "./detector/detector.ts";
export type { EmbedderConfig } from "./embedder/config.ts";
export { createEmbedder, type Embedder, type Embeddings } from "./embedder/embedder.ts";
export {
  BudgetSpentError,
  ClassifierAuthError,
  ClassifierDownError,
  DetectorAuthError,
  DetectorDownError,
  EmbedderAuthError,
  EmbedderDownError,
  GpuLeaseLostError,
  GpuLoadError,
  ImageEmbedderAuthError,
  ImageEmbedderDownError,
  LlmAuthError,
  LlmDownError,
  ModelAnswerError,
  ModelBusyError,
  ModelConfigError,
  ModelRefusedError,
  ModelTimeoutError,
  OcrAuthError,
  OcrDownError,
  PoseAuthError,
  PoseDownError,
  RerankerAuthError,
  RerankerDownError,
  SpeechToTextAuthError,
  SpeechToTextDownError,
  TextToSpeechAuthError,
  TextToSpeechDownError,
  VisionLlmAuthError,
  VisionLlmDownError,
} from "./errors.ts";
export type { CardState } from "./gpu/card-state.ts";
export type { CardConfig, GpuConfig, GpuModelConfig, GpuPriority, LoadingConfig } from "./gpu/config.ts";
export { type Forgotten, forgetModel } from "./gpu/forget-model.ts";
export { createGpu, type Gpu, type GpuOptions } from "./gpu/gpu.ts";
export type { CardEntry, LeaseStore } from "./gpu/lease-store.ts";
export { type CardStatus, type ModelOnCard, type PendingLoad, readCardStatus } from "./gpu/status.ts";
export { GPU_TIMES, type GpuTimes } from "./gpu/times.ts";
export type { ImageEmbedderConfig } from "./image-embedder/config.ts";
export { createImageEmbedder, type ImageEmbedder, type ImageEmbedding } from "./image-embedder/image-embedder.ts";
export { type InferenceService, inferenceService } from "./kserve/inference-service.ts";
export type { LlmConfig } from "./llm/config.ts";
export {
  type CompleteOptions,
  createLlm,
  type Handover,
  type Llm,
  type LlmEnd,
  type LlmImage,
  type LlmJson,
  type LlmMessage,
  type LlmPart,
  type LlmRequest,
  type LlmUsage,
} from "./llm/llm.ts";
export type { LlmOptions, PassedPart } from "./llm/llm-client.ts";
export type { ReasoningDelta, ToolCallDelta, WireMessage, WirePart, WireRequest } from "./llm/wire-request.ts";
export type { OcrConfig } from "./ocr/config.ts";
export { createOcr, type Ocr, type ReadText, type TextLine } from "./ocr/ocr.ts";
export type { PoseConfig } from "./pose/config.ts";
export type { JointName } from "./pose/joint-names.ts";
export { type Body, createPose, type Joint, type Pose, type Poses } from "./pose/pose.ts";
export type { RerankerConfig } from "./reranker/config.ts";
export { createReranker, type RankedText, type Ranking, type Reranker } from "./reranker/reranker.ts";
export type { SpeechToTextConfig } from "./speech-to-text/config.ts";
export {
  createSpeechToText,
  type RecordedSpeech,
  type SpeechToText,
  type TranscribeOptions,
  type Transcript,
  type TranscriptSegment,
} from "./speech-to-text/speech-to-text.ts";
export type { Budget, Budgets, Price } from "./spending/budgets.ts";
export type { Spending } from "./spending/purse.ts";
export type { Account, SpendingStore, Spent } from "./spending/spending-store.ts";
export type { TextToSpeechConfig } from "./text-to-speech/config.ts";
export {
  createTextToSpeech,
  type SpeakOptions,
  type SpokenEnd,
  type TextToSpeech,
} from "./text-to-speech/text-to-speech.ts";
export { createVisionLlm, type VisionAnswer, type VisionLlm } from "./vision-llm/vision-llm.ts";
export { ByteReader } from "./wyoming/byte-reader.ts";
export { compileEventChecks, encodeEvent, readEvent, type WyomingEvent } from "./wyoming/event.ts";
