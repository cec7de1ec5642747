import { defineError } from "@gatehouse/errors";

/** A simulated camera was set up with something that cannot work. */
export const BadDemoCameraError = defineError("BAD_DEMO_CAMERA", "never");
/** A sink did not take a frame within its time. */
export const SinkTimeoutError = defineError("DEMO_SINK_TIMEOUT", "later");
/** A frame could not be written into the watched folder. */
export const FolderWriteError = defineError("DEMO_FOLDER_WRITE", "later");
