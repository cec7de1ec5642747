export { type CameraDetections, cameraDetections, Detection, ModelRef } from "./camera-detections.ts";
export { type CameraEvent, cameraEventCreated, cameraEventUpdated, Risk } from "./camera-event.ts";
export { type CameraFrame, cameraFrame } from "./camera-frame.ts";
export { type CameraStatus, cameraStatus } from "./camera-status.ts";
export { type ChatCancel, chatCancel } from "./chat-cancel.ts";
export { type ChatGreeting, chatGreeting } from "./chat-greeting.ts";
export { type ChatLogin, chatLogin } from "./chat-login.ts";
export { type ChatMessage, chatMessage } from "./chat-message.ts";
export { type ChatResponse, chatResponse } from "./chat-response.ts";
export {
  type ChatPart,
  ChatSource,
  ChatTimings,
  ChatUsage,
  chatResponseStream,
} from "./chat-response-stream.ts";
export { type Checker, compileCheck, type Violation } from "./check.ts";
export { type Clean, compileClean } from "./clean.ts";
export { type DecodedBody, decodeBody, encode, toJson } from "./codec.ts";
export { type AsyncApi, asyncApi, type StreamFacts } from "./contracts/async-api.ts";
export { compareContracts } from "./contracts/compare-contracts.ts";
export { checkContracts } from "./contracts/contract-file.ts";
export { type Contract, type Contracts, contractsOf } from "./contracts/contracts.ts";
export { type JsonSchema, jsonSchemaOf } from "./contracts/json-schema.ts";
export { assertEvent, decodeEvent, encodeEvent } from "./decode-event.ts";
export { defineEvent, type EventType, type Received, type Value } from "./define-event.ts";
export { BadSubjectError, IdMismatchError, SchemaViolationError, UndecodableError } from "./errors.ts";
export { eventTypeOf, eventTypes } from "./event-types.ts";
export { Box, Bytes, OneOf, OrNull, TimeMs, Unit } from "./fields.ts";
export { FRAME_ID_PATTERN, FrameId, ID_PATTERN, Id, isFrameId, isId } from "./ids.ts";
export { assertNoNul } from "./no-nul.ts";
export { type PipelineCancel, pipelineCancel } from "./pipeline-cancel.ts";
export {
  isLastStatus,
  PipelineArtifact,
  type PipelineStatus,
  pipelineStatus,
  RUN_STATUSES,
} from "./pipeline-status.ts";
export { type PipelineTrigger, pipelineTrigger } from "./pipeline-trigger.ts";
export { MEDIA_TYPES, type MediaType, sniffMediaType } from "./sniff-media-type.ts";
export {
  isPattern,
  matchSubject,
  patternContains,
  patternsOverlap,
  subjectMatches,
  subjectOf,
  wildcardOf,
} from "./subjects.ts";
export { type VoiceRequest, voiceRequest } from "./voice-request.ts";
