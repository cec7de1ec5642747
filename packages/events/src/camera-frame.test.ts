import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { cameraFrame } from "./camera-frame.ts";
import { encode } from "./codec.ts";
import { decodeEvent } from "./decode-event.ts";
import { received, thrownBy } from "./received.fixture.ts";

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2);
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1);
const WEBP = new TextEncoder().encode("RIFF....WEBPVP8 ");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const idOf = (msg_id: string | null) =>
  decodeEvent(cameraFrame, received("camera.gate.frame", JPEG, { msg_id })).frame_id;

test.each([
  ["image/jpeg", JPEG],
  ["image/png", PNG],
  ["image/webp", WEBP],
])("decodeEvent() reads a bare %s as a frame taken when the broker took it in", (media_type, image) => {
  expect(decodeEvent(cameraFrame, received("camera.gate.frame", image))).toEqual({
    frame_id: "1763700000123-7",
    camera_id: "gate",
    captured_at_ms: 1_763_700_000_123,
    media_type,
    image,
  });
});

test("decodeEvent() does not take a map of nine fields for a PNG", () => {
  const { camera_id: _absent, ...frame } = cameraFrame.example;
  const body = encode({ ...frame, pan: 1, tilt: 2, zoom: 3, extra: 4 });
  expect([...encode({ ...frame, pan: 1, tilt: 2, zoom: 3, a: 1, b: 2 }).subarray(0, 1)]).toEqual([0x89]);
  expect(decodeEvent(cameraFrame, received("camera.gate.frame", body))).toMatchObject({ frame_id: "f-81", zoom: 3 });
});

test("decodeEvent() refuses half a PNG signature", () => {
  expect(thrownBy(() => decodeEvent(cameraFrame, received("camera.gate.frame", PNG.subarray(0, 7)))).code).toBe(
    "UNDECODABLE",
  );
});

test("decodeEvent() tells who sends text instead of a frame what may be sent", () => {
  const text = new TextEncoder().encode("no picture at all");
  expect(thrownBy(() => decodeEvent(cameraFrame, received("camera.gate.frame", text))).message).toBe(
    "Cannot read the body as it must be a bare JPEG, PNG or WebP, a MessagePack map with it, or a JSON object with it as base64: it is 17 bytes that look like text",
  );
});

test.each([
  ["gate.f-81", "f-81"],
  ["f-81", "f-81"],
  ["gate.a.b:c_d-1", "a.b:c_d-1"],
  ["gate.gate.f", "gate.f"],
  ["other.f-81", "other.f-81"],
])("a frame with the message id %j is called %j", (msg_id, frame_id) => {
  expect(idOf(msg_id)).toBe(frame_id);
});

test.each(["gate.", "gate.a/b", "../../x", "ünique", "a b", `gate.${"f".repeat(129)}`])(
  "a frame with the message id %j gets its hash",
  (msg_id) => {
    expect(idOf(msg_id)).toBe(sha256(msg_id));
    expect(idOf(msg_id)).toBe(idOf(msg_id));
  },
);

test("a frame without any id is called by the broker's time and sequence", () => {
  expect(idOf(null)).toBe("1763700000123-7");
  expect(idOf("")).toBe("1763700000123-7");
});

test("a frame's own id is stronger than its message id", () => {
  const { camera_id: _absent, ...frame } = cameraFrame.example;
  expect(
    decodeEvent(cameraFrame, received("camera.gate.frame", encode(frame), { msg_id: "gate.other" })).frame_id,
  ).toBe("f-81");
});
