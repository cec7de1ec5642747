import { type Static, type TLiteral, type TNull, type TSchema, type TUnion, Type } from "@sinclair/typebox";

/** Whole milliseconds since the epoch. */
export const TimeMs = (description: string) => Type.Integer({ minimum: 0, maximum: 8.64e15, description });
/** A share of a whole, 0..1. */
export const Unit = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
/** Bytes: bin in MessagePack, base64 in JSON. */
export const Bytes = (description: string) => Type.Uint8Array({ description });
/** One of a few words. */
export const OneOf = <const T extends string[]>(words: [...T], description: string) =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    { description },
  ) as unknown as TUnion<{ [K in keyof T]: TLiteral<T[K] & string> }>;
export const OrNull = <T extends TSchema>(schema: T): TUnion<[T, TNull]> => Type.Union([schema, Type.Null()]);

/** Where something is in a picture: normalised 0..1, `x, y` the top left. */
export const Box = Type.Object(
  { x: Unit("Left edge"), y: Unit("Top edge"), w: Unit("Width"), h: Unit("Height") },
  { description: "Normalised 0..1, x and y the top left" },
);
export type Box = Static<typeof Box>;
