import { defineError } from "@gatehouse/errors";

/** The bytes are no picture, or have a picture's signature and do not decode. */
export const NotAnImageError = defineError("NOT_AN_IMAGE", "never");

/** The picture ends before its last byte. */
export const TruncatedImageError = defineError("TRUNCATED", "never");

/** The header announces more pixels than are decoded; nothing was decoded. */
export const TooManyPixelsError = defineError("TOO_MANY_PIXELS", "never");

/** The encoded picture has too many bytes. */
export const FrameTooLargeError = defineError("FRAME_TOO_LARGE", "never");

/** A picture of a kind that is not taken, or not the kind that was declared. */
export const UnsupportedMediaError = defineError("UNSUPPORTED_MEDIA", "never");

/** A key of the media store that is not made of allowed segments, or that leads through a link. */
export const BadMediaKeyError = defineError("BAD_MEDIA_KEY", "never");

/** The disk below the media store has no room left. */
export const MediaFullError = defineError("MEDIA_FULL", "later");

/** The media store was closed: the process is stopping. */
export const MediaClosedError = defineError("MEDIA_CLOSED", "later");

/** There is no `ffmpeg` on PATH. */
export const FfmpegMissingError = defineError("FFMPEG_MISSING", "never");

/** No picture could be read from the video. */
export const VideoUnreadableError = defineError("VIDEO_UNREADABLE", "never");

/** Reading the video took too long; the child process was killed. */
export const VideoTimeoutError = defineError("VIDEO_TIMEOUT", "later");

/** A folder name from which no camera id can be made. */
export const BadCameraIdError = defineError("BAD_CAMERA_ID", "never");
