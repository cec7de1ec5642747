import { type TString, Type } from "@sinclair/typebox";

/** What a camera, user, request or session may be called: safe in a subject, a path and a URL. */
export const ID_PATTERN = "^[A-Za-z0-9_-]{1,64}$";
/** What a frame may be called, unique within its camera. */
export const FRAME_ID_PATTERN = "^[A-Za-z0-9._:-]{1,128}$";

const ID = new RegExp(ID_PATTERN);
const FRAME_ID = new RegExp(FRAME_ID_PATTERN);

export const isId = (text: string): boolean => ID.test(text);
export const isFrameId = (text: string): boolean => FRAME_ID.test(text);

/** Schema of a camera_id, user_id, request_id or session_id. */
export const Id = (description: string): TString => Type.String({ pattern: ID_PATTERN, description });
/** Schema of a frame_id. */
export const FrameId = (description: string): TString => Type.String({ pattern: FRAME_ID_PATTERN, description });
