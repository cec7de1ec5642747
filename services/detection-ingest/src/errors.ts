import { defineError } from "@gatehouse/errors";

/** A frame came under an id that another picture of the same camera already has. */
export const FrameIdReusedError = defineError("FRAME_ID_REUSED", "never");
/** The camera is not known, and cameras are not created by their first frame. */
export const UnknownCameraError = defineError("UNKNOWN_CAMERA", "never");
/** A file of the watched folder is smaller than any picture of a camera. */
export const FileTooSmallError = defineError("TOO_SMALL", "never");
