import { expect, test } from "vitest";
import { updateMotion } from "./motion.ts";
import { decodeMotion, encodeMotion } from "./motion-state.ts";

const gray = { width: 16, height: 9, pixels: Uint8Array.from({ length: 144 }, (_, at) => at) };
const first = updateMotion(null, gray).state;

test("decodeMotion() gives back what encodeMotion() wrote, also from the middle of a buffer", () => {
  const { state } = updateMotion(
    { ...first, frames_since_check: 7, strange_frames: 2, blocked: true },
    { ...gray, pixels: gray.pixels.toReversed() },
  );
  const bytes = encodeMotion(state);
  expect(decodeMotion(bytes)).toEqual(state);
  expect(decodeMotion(Buffer.concat([Buffer.from("x"), bytes]).subarray(1))).toEqual(state);
});

test("decodeMotion() is null for what encodeMotion() did not write", () => {
  const bytes = encodeMotion(first);
  const other = Buffer.from(bytes);
  other[0] = 0;
  const huge = Buffer.from(bytes);
  huge.writeUInt16BE(65_535, 4);
  const garbage = [
    new Uint8Array(0),
    bytes.subarray(0, 10),
    bytes.subarray(0, -1),
    Buffer.concat([bytes, other]),
    other,
    huge,
  ];
  for (const wrong of [...garbage, Buffer.from("null"), Buffer.alloc(400, 7)]) expect(decodeMotion(wrong)).toBeNull();
});
