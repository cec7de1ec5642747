import { expect, test } from "vitest";
import { coversOthers } from "./personal-subjects.ts";
import { type Holder, mayEndRun, mayFollow, mayPublish, maySeeRun, ownerOf } from "./rights.ts";

const holder = (role: Holder["role"], user_id: string | null = null, subjects: string[] = []): Holder => ({
  role,
  user_id,
  key_id: "k-1",
  subjects,
});
const viewer = holder("viewer");
const operator = holder("operator");
const admin = holder("admin");
const ada = holder("viewer", "ada");
const scoped = holder("viewer", null, ["scan.>", "ai.chat.user.bob.message"]);
const watcher = holder("viewer", null, ["ai.pipeline.trigger", "ai.voice.transcription.s-1", "ai.chat.user.bob.>"]);
/** Whose keys were given more than a key can be given now. */
const GREEDY = [
  ">",
  "*.>",
  "ai.>",
  "ai.*.>",
  "ai.*.user.*.>",
  "ai.chat.>",
  "ai.chat.user.>",
  "ai.chat.user.*.>",
  "ai.chat.user.*.message",
  "ai.chat.response.>",
  "ai.chat.response.*",
  "ai.chat.response.stream.*",
  "ai.voice.>",
  "ai.voice.user.*.request",
  "ai.voice.stream.*",
  "ai.voice.transcription.>",
  "ai.voice.tts.audio.*",
  "ai.pipeline.>",
  "ai.pipeline.*",
  "ai.pipeline.status.>",
  "ai.pipeline.status.*",
  "dead.>",
  "dead.chat-handler",
  "redrive.>",
];
const greedy = holder("viewer", null, GREEDY);
const greedyAda = holder("operator", "ada", [...GREEDY, "ai.chat.user.bob.>"]);

/** How a run is that a join started. */
const FIRED = `ai.pipeline.status.join-${"0a".repeat(20)}`;
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
  ["viewer", viewer, FIRED, NO],
  ["viewer", viewer, "ai.chat.response.stream.*", NO],
  ["viewer", viewer, "ai.chat.response.>", NO],
  ["viewer", viewer, "ai.pipeline.status.>", NO],
  ["operator", operator, "camera.*.frame", YES],
  ["operator", operator, "scan.>", YES],
  ["operator", operator, "ai.chat.user.*.message", NO],
  ["operator", operator, "ai.chat.response.r-1", claim("r-1")],
  ["operator", operator, "ai.pipeline.status.r-1", YES],
  ["operator", operator, FIRED, YES],
  ["operator", operator, "ai.pipeline.status.*", NO],
  ["user", ada, "ai.chat.user.ada.>", YES],
  ["user", ada, "ai.voice.user.ada.request", YES],
  ["user", ada, "ai.chat.user.bob.>", NO],
  ["user", ada, "ai.chat.user.*.message", NO],
  ["user", ada, "ai.chat.user.>", NO],
  ["scoped", scoped, "scan.>", YES],
  ["scoped", scoped, "scan.gate.move", YES],
  ["scoped", scoped, "ai.chat.user.bob.message", YES],
  ["scoped", scoped, "ai.chat.user.bob.*", NO],
  ["scoped", scoped, "ai.chat.user.*.message", NO],
  ["scoped", scoped, "ai.pipeline.>", NO],
  ["watcher", watcher, "ai.pipeline.trigger", YES],
  ["watcher", watcher, "ai.pipeline.cancel", NO],
  ["watcher", watcher, "ai.voice.transcription.s-1", YES],
  ["watcher", watcher, "ai.voice.transcription.s-2", NO],
  ["watcher", watcher, "ai.voice.transcription.*", NO],
  ["watcher", watcher, "ai.chat.user.bob.>", YES],
  ["watcher", watcher, "ai.chat.user.bob.greeting.*", YES],
  ["watcher", watcher, "ai.chat.user.bobby.message", NO],
  ["greedy", greedy, "camera.gate.frame", YES],
  ["greedy", greedy, "camera.>", YES],
  ["greedy", greedy, "scan.>", YES],
  ["greedy", greedy, "ai.pipeline.trigger", YES],
  ["greedy", greedy, "ai.chat.user.bob.message", NO],
  ["greedy", greedy, "ai.chat.user.bob.>", NO],
  ["greedy", greedy, "ai.voice.transcription.s-1", NO],
  ["greedy", greedy, "ai.chat.response.r-1", claim("r-1")],
  ["greedy", greedy, "ai.chat.response.stream.r-1", claim("r-1")],
  ["greedy", greedy, "ai.pipeline.status.r-1", claim("r-1")],
  ["greedy", greedy, "dead.enrichment", NO],
  ["greedy user", greedyAda, "ai.chat.user.ada.>", YES],
  ["greedy user", greedyAda, "ai.chat.user.bob.>", NO],
  ["greedy user", greedyAda, "ai.chat.user.bob.message", NO],
  ["admin", admin, "ai.chat.response.>", YES],
  ["admin", admin, "dead.>", YES],
  ["admin", admin, "$JS.API.>", NO],
  ["admin", admin, "_INBOX.>", NO],
  ["admin", admin, "camera.>.frame", NO],
])("mayFollow() of a %s", (_who, who, pattern, right) => {
  expect(mayFollow(who, pattern), pattern).toEqual(right);
});

test.each(GREEDY)("mayFollow() opens %s to no key but an admin's, though it was given", (pattern) => {
  for (const who of [greedy, greedyAda, holder("operator", null, [pattern])])
    expect(mayFollow(who, pattern)).toEqual(NO);
  expect(mayFollow(admin, pattern)).toEqual(YES);
});

test.each<[string, string | null, boolean]>([
  ...GREEDY.map((pattern): [string, null, boolean] => [pattern, null, true]),
  ["camera.>", null, false],
  ["scan.*.move", "ada", false],
  ["alert.>", null, false],
  ["ai.pipeline.trigger", "ada", false],
  ["ai.pipeline.status.r-1", null, false],
  ["ai.chat.user.ada.>", "ada", false],
  ["ai.chat.user.ada.>", null, false],
  ["ai.voice.user.ada.*", "ada", false],
  ["ai.chat.user.bob.>", "ada", true],
  ["ai.chat.user.bob.message", "ada", true],
  ["ai.*.user.ada.>", "ada", true],
  ["ai", null, false],
  ["airport.>", null, false],
])("coversOthers() of %s for user %s is %s", (pattern, user_id, covers) => {
  expect(coversOthers(pattern, user_id)).toBe(covers);
});

test.each<[string, Holder, string, boolean]>([
  ["viewer", viewer, "camera.gate.frame", false],
  ["viewer", viewer, "ai.pipeline.trigger", false],
  ["operator", operator, "camera.gate.frame", true],
  ["operator", operator, "ai.pipeline.trigger", true],
  ["operator", operator, "ai.pipeline.cancel", true],
  ["operator", operator, "ai.chat.user.ada.message", false],
  ["operator", operator, "camera.gate.detections", false],
  ["nobody", viewer, "ai.chat.user.k-1.message", true],
  ["nobody", viewer, "ai.chat.user.k-2.message", false],
  ["user", ada, "ai.chat.user.k-1.message", false],
  ["user", ada, "ai.chat.user.ada.message", true],
  ["user", ada, "ai.chat.user.ada.login", true],
  ["user", ada, "ai.chat.user.ada.cancel", true],
  ["user", ada, "ai.voice.user.ada.request", true],
  ["user", ada, "ai.chat.user.bob.message", false],
  ["user", ada, "ai.chat.user.ada.greeting.x", false],
  ["scoped", scoped, "ai.chat.user.bob.message", true],
  ["scoped", scoped, "ai.pipeline.status.r-1", false],
  ["watcher", watcher, "ai.pipeline.trigger", true],
  ["greedy", greedy, "camera.gate.frame", true],
  ["greedy", greedy, "ai.pipeline.trigger", true],
  ["greedy", greedy, "ai.chat.user.bob.message", false],
  ["greedy", greedy, "ai.voice.user.bob.request", false],
  ["greedy user", greedyAda, "ai.chat.user.bob.message", false],
  ["greedy user", greedyAda, "ai.chat.user.ada.message", true],
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

const ender = holder("viewer", "ada", ["ai.pipeline.trigger", "ai.pipeline.cancel"]);
test.each<[string, Holder, string | null, { see: boolean; end: boolean }]>([
  ["an operator", operator, "ada", { see: true, end: true }],
  ["an operator", operator, null, { see: true, end: true }],
  ["an admin", admin, "ada", { see: true, end: true }],
  ["a viewer", viewer, "ada", { see: false, end: false }],
  ["a viewer", viewer, null, { see: false, end: false }],
  ["a viewer", viewer, "k-1", { see: true, end: false }],
  ["who may cancel", ender, "ada", { see: true, end: true }],
  ["who may cancel", ender, "bob", { see: false, end: false }],
  ["who may cancel", ender, null, { see: false, end: false }],
])("maySeeRun() and mayEndRun() of %s %#", (_who, who, owner, { see, end }) => {
  expect([maySeeRun(who, owner), mayEndRun(who, owner)]).toEqual([see, end]);
});

test("ownerOf() is the user, else the key", () => {
  expect(ownerOf({ user_id: "ada", key_id: "k" })).toBe("ada");
  expect(ownerOf({ user_id: null, key_id: "k" })).toBe("k");
});
