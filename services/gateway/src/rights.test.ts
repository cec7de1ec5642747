import { expect, test } from "vitest";
import { type Holder, mayFollow, mayPublish, ownerOf } from "./rights.ts";

const holder = (role: Holder["role"], user_id: string | null = null, subjects: string[] = []): Holder => ({
  role,
  user_id,
  subjects,
});
const viewer = holder("viewer");
const operator = holder("operator");
const admin = holder("admin");
const ada = holder("viewer", "ada");
const scoped = holder("viewer", null, ["ai.pipeline.status.>", "ai.chat.user.bob.message"]);

const YES = { allowed: true };
const NO = { allowed: false };
const claim = (id: string) => ({ allowed: true, claim: id });

test.each<[string, Holder, string, object]>([
  ["viewer", viewer, "camera.*.detections", YES],
  ["viewer", viewer, "camera.gate.event.>", YES],
  ["viewer", viewer, "camera.*.event.created", YES],
  ["viewer", viewer, "camera.gate.status", YES],
  ["viewer", viewer, "alert.fire", YES],
  ["viewer", viewer, "camera.>", NO],
  ["viewer", viewer, "camera.*.*", NO],
  ["viewer", viewer, "camera.gate.>", NO],
  ["viewer", viewer, "camera.gate.frame", NO],
  ["viewer", viewer, ">", NO],
  ["viewer", viewer, "*.*.detections", NO],
  ["viewer", viewer, "ai.chat.user.ada.message", NO],
  ["viewer", viewer, "dead.detection-ingest", NO],
  ["viewer", viewer, "camera..detections", NO],
  ["viewer", viewer, "camera. gate.detections", NO],
  ["viewer", viewer, "ai.chat.response.stream.r-1", claim("r-1")],
  ["viewer", viewer, "ai.chat.response.r-1", claim("r-1")],
  ["viewer", viewer, "ai.voice.response.r-1", claim("r-1")],
  ["viewer", viewer, "ai.pipeline.status.r-1", claim("r-1")],
  ["viewer", viewer, "ai.chat.response.stream.*", NO],
  ["viewer", viewer, "ai.chat.response.>", NO],
  ["viewer", viewer, "ai.pipeline.status.>", NO],
  ["operator", operator, "camera.*.frame", YES],
  ["operator", operator, "scan.>", YES],
  ["operator", operator, "ai.chat.user.*.message", NO],
  ["user", ada, "ai.chat.user.ada.>", YES],
  ["user", ada, "ai.voice.user.ada.request", YES],
  ["user", ada, "ai.chat.user.bob.>", NO],
  ["user", ada, "ai.chat.user.*.message", NO],
  ["user", ada, "ai.chat.user.>", NO],
  ["scoped", scoped, "ai.pipeline.status.>", YES],
  ["scoped", scoped, "ai.pipeline.>", NO],
  ["admin", admin, "ai.chat.response.>", YES],
  ["admin", admin, "dead.>", YES],
  ["admin", admin, "$JS.API.>", NO],
  ["admin", admin, "_INBOX.>", NO],
  ["admin", admin, "camera.>.frame", NO],
])("mayFollow() of a %s", (_who, who, pattern, right) => {
  expect(mayFollow(who, pattern), pattern).toEqual(right);
});

test.each<[string, Holder, string, boolean]>([
  ["viewer", viewer, "camera.gate.frame", false],
  ["viewer", viewer, "ai.pipeline.trigger", false],
  ["operator", operator, "camera.gate.frame", true],
  ["operator", operator, "ai.pipeline.trigger", true],
  ["operator", operator, "ai.pipeline.cancel", true],
  ["operator", operator, "ai.chat.user.ada.message", false],
  ["operator", operator, "camera.gate.detections", false],
  ["user", ada, "ai.chat.user.ada.message", true],
  ["user", ada, "ai.chat.user.ada.login", true],
  ["user", ada, "ai.chat.user.ada.cancel", true],
  ["user", ada, "ai.voice.user.ada.request", true],
  ["user", ada, "ai.chat.user.bob.message", false],
  ["user", ada, "ai.chat.user.ada.greeting.x", false],
  ["scoped", scoped, "ai.chat.user.bob.message", true],
  ["scoped", scoped, "ai.pipeline.status.r-1", false],
  ["admin", admin, "camera.gate.frame", true],
  ["admin", admin, "camera.*.frame", false],
  ["admin", admin, "camera.gate.detections", false],
  ["admin", admin, "camera.gate.event.created", false],
  ["admin", admin, "ai.chat.response.stream.r-1", false],
  ["admin", admin, "dead.detection-ingest", false],
  ["admin", admin, "redrive.detection-ingest", false],
  ["admin", admin, "$JS.API.STREAM.DELETE.CAMERA_FRAMES", false],
  ["admin", admin, "_INBOX.x", false],
])("mayPublish() of a %s", (_who, who, subject, allowed) => {
  expect(mayPublish(who, subject), subject).toBe(allowed);
});

test("ownerOf() is the user, else the key", () => {
  expect(ownerOf({ user_id: "ada", key_id: "k" })).toBe("ada");
  expect(ownerOf({ user_id: null, key_id: "k" })).toBe("k");
});
