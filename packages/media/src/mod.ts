export { type AnnotationBox, annotate } from "./annotate.ts";
export { normaliseCameraId } from "./camera-id.ts";
export { type CheckedImage, type CheckImageOptions, checkImage } from "./check-image.ts";
export {
  BadCameraIdError,
  BadMediaKeyError,
  FfmpegMissingError,
  FrameTooLargeError,
  MediaClosedError,
  MediaFullError,
  NotAnImageError,
  TooManyPixelsError,
  TruncatedImageError,
  UnsupportedMediaError,
  VideoTimeoutError,
  VideoUnreadableError,
} from "./errors.ts";
export { type DecodeGrayOptions, decodeGray, type GrayImage } from "./gray-image.ts";
export { type ImageFacts, type InspectImageOptions, inspectImage } from "./inspect-image.ts";
export {
  createMediaStore,
  type MediaStore,
  type MediaStoreOptions,
  type MediaSwept,
  type MediaUsage,
} from "./media-store.ts";
export { MAX_IMAGE_BYTES, MAX_PIXELS, type MediaType, sniffMediaType } from "./media-type.ts";
export { MOTION_DEFAULTS, type MotionOptions, type MotionResult, updateMotion } from "./motion.ts";
export { decodeMotion, encodeMotion, type MotionState } from "./motion-state.ts";
export { showsNothing } from "./scene-change.ts";
export { sharpness } from "./sharpness.ts";
export { lookForStrays, StrayFiles } from "./stray-files.ts";
export { thumbnail } from "./thumbnail.ts";
export { extractVideoFrames, type VideoFrame, type VideoFrameOptions } from "./video-frames.ts";
