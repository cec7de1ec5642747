import { expect, test } from "vitest";
import { SubjectNotAllowedError, SubjectSpansStreamsError } from "../errors.ts";
import { streamKeeping } from "./where-kept.ts";

test.each([
  ["camera.*.event.>", "SECURITY_EVENTS"],
  ["camera.gate.detections", "CAMERA_DETECTIONS"],
  ["ai.chat.user.ada.message", "COMPANIONS_CHAT"],
  ["ai.chat.response.stream.r-1", "AI_CHAT_STREAM"],
  ["dead.>", "DEAD_LETTERS"],
  ["ai.chat.response.r-1", null],
  ["camera.gate.frame", null],
  ["camera.*.frame", null],
  ["nothing.like.this", null],
])("streamKeeping() of %s", (pattern, stream) => {
  expect(streamKeeping(pattern)).toBe(stream);
});

test.each([
  ["camera.gate.>", "CAMERA_FRAMES, CAMERA_DETECTIONS, CAMERA_STATE, SECURITY_EVENTS"],
  ["ai.chat.user.ada.>", "COMPANIONS_LOGINS, COMPANIONS_CHAT"],
  ["ai.chat.response.>", "AI_CHAT_STREAM"],
  [">", "COMPANIONS_LOGINS, .*, REDRIVE"],
])("streamKeeping() refuses %s and names the streams", (pattern, names) => {
  expect(() => streamKeeping(pattern)).toThrow(SubjectSpansStreamsError);
  expect(() => streamKeeping(pattern)).toThrow(new RegExp(`${names}$`));
});

test("streamKeeping() refuses a wildcard that could reach the broker's own subjects", () => {
  expect(() => streamKeeping("*")).toThrow(SubjectNotAllowedError);
});
