import { type TSchema, type TUnsafe, Type } from "@sinclair/typebox";

/** Schema of a setting that is a map of whatever it may be: its content is somebody else's, and taken as it was written. */
export const FreeMap = (description: string): TUnsafe<Record<string, unknown>> =>
  Type.Unsafe<Record<string, unknown>>({ type: "object", free: true, description });

export const isFreeMap = (schema: TSchema): boolean => schema.free === true;
