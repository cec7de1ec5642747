import { MEDIA_TYPES } from "@gatehouse/events";

/** What a picture's `content-type` may be; `application/octet-stream` leaves it to the content. */
export const PICTURE_TYPES: readonly string[] = [...MEDIA_TYPES, "application/octet-stream"];
