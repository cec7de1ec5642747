import { defineError } from "@gatehouse/errors";

/** The server takes no more at the moment: slots and queue are full, trials of its half-open circuit are under way, or it answered 429. */
export const ModelBusyError = defineError("MODEL_BUSY", "later");
/** No answer within the time allowed; the socket was closed. */
export const ModelTimeoutError = defineError("MODEL_TIMEOUT", "later");
/** The server answered, and the answer is not what was asked for: broken, cut off, too large or without sense. */
export const ModelAnswerError = defineError("MODEL_ANSWER", "unknown");
/** The server says that the input itself is wrong (400, 413, 415, 422). */
export const ModelRefusedError = defineError("MODEL_REFUSED", "never");
/** The day's budget of the user or the service has no room for the call: nothing was sent. */
export const BudgetSpentError = defineError("BUDGET_SPENT", "later");
/** A model server's configuration cannot be used: its URL or its secret. Thrown only while a client is created. */
export const ModelConfigError = defineError("MODEL_CONFIG", "never");
/** The detector does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const DetectorDownError = defineError("DETECTOR_DOWN", "later", { dependency: "detector" });
/** The detector refuses our key (401, 403). */
export const DetectorAuthError = defineError("DETECTOR_AUTH", "later", { dependency: "detector" });
/** The language model does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const LlmDownError = defineError("LLM_DOWN", "later", { dependency: "llm" });
/** The language model's server refuses our key (401, 403). */
export const LlmAuthError = defineError("LLM_AUTH", "later", { dependency: "llm" });
/** A lease on a card was lost during the call: it could not be renewed in time, or others took it over. */
export const GpuLeaseLostError = defineError("GPU_LEASE_LOST", "later");
/** A server did not load or unload a model as it should. */
export const GpuLoadError = defineError("GPU_LOAD_FAILED", "later");
/** The embedder does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const EmbedderDownError = defineError("EMBEDDER_DOWN", "later", { dependency: "embedder" });
/** The embedder's server refuses our key (401, 403). */
export const EmbedderAuthError = defineError("EMBEDDER_AUTH", "later", { dependency: "embedder" });
/** The embedder of pictures does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const ImageEmbedderDownError = defineError("IMAGE_EMBEDDER_DOWN", "later", { dependency: "image_embedder" });
/** The server of the embedder of pictures refuses our key (401, 403). */
export const ImageEmbedderAuthError = defineError("IMAGE_EMBEDDER_AUTH", "later", { dependency: "image_embedder" });
/** The reranker does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const RerankerDownError = defineError("RERANKER_DOWN", "later", { dependency: "reranker" });
/** The reranker's server refuses our key (401, 403). */
export const RerankerAuthError = defineError("RERANKER_AUTH", "later", { dependency: "reranker" });
/** The language model that sees does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const VisionLlmDownError = defineError("VISION_LLM_DOWN", "later", { dependency: "vision_llm" });
/** The server of the language model that sees refuses our key (401, 403). */
export const VisionLlmAuthError = defineError("VISION_LLM_AUTH", "later", { dependency: "vision_llm" });
/** The listener does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const SpeechToTextDownError = defineError("SPEECH_TO_TEXT_DOWN", "later", { dependency: "speech_to_text" });
/** The listener's server refuses our key (401, 403). */
export const SpeechToTextAuthError = defineError("SPEECH_TO_TEXT_AUTH", "later", { dependency: "speech_to_text" });
/** The speaker does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const TextToSpeechDownError = defineError("TEXT_TO_SPEECH_DOWN", "later", { dependency: "text_to_speech" });
/** The speaker's server refuses our key (401, 403). */
export const TextToSpeechAuthError = defineError("TEXT_TO_SPEECH_AUTH", "later", { dependency: "text_to_speech" });
/** The captioner does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const CaptionerDownError = defineError("CAPTIONER_DOWN", "later", { dependency: "captioner" });
/** The captioner's server refuses our key (401, 403). */
export const CaptionerAuthError = defineError("CAPTIONER_AUTH", "later", { dependency: "captioner" });
/** The reader of texts does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const OcrDownError = defineError("OCR_DOWN", "later", { dependency: "ocr" });
/** The reader of texts's server refuses our key (401, 403). */
export const OcrAuthError = defineError("OCR_AUTH", "later", { dependency: "ocr" });
/** The classifier does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const ClassifierDownError = defineError("CLASSIFIER_DOWN", "later", { dependency: "classifier" });
/** The classifier's server refuses our key (401, 403). */
export const ClassifierAuthError = defineError("CLASSIFIER_AUTH", "later", { dependency: "classifier" });
/** The pose model does not take requests: no connection, 404, 502, 503, a redirect, or its circuit is open. */
export const PoseDownError = defineError("POSE_DOWN", "later", { dependency: "pose" });
/** The pose model's server refuses our key (401, 403). */
export const PoseAuthError = defineError("POSE_AUTH", "later", { dependency: "pose" });
