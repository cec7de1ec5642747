import { afterAll, beforeAll, expect, test } from "vitest";
import { type Enrichment, setupEnrichment } from "./enrichment.fixture.ts";

let enrichment: Enrichment;
const T = Date.now() - 600_000;
const person = ["person", 0.8] as const;
const dog = ["dog", 0.8] as const;

beforeAll(async () => {
  enrichment = await setupEnrichment();
  await enrichment.run({ env: { GATEHOUSE_BATCHING__MAX_DETECTIONS: "5" } });
});
afterAll(() => enrichment.stop());

test("a batch in which nothing more is seen closes as idle, with the times of its frames", async () => {
  const { set, told } = enrichment;
  await set("idle", "f-1", T, [person]);
  await set("idle", "f-2", T + 400, [person, dog]);
  const [event] = await told("idle", 1);
  expect(event).toMatchObject({
    event_id: "idle.f-1",
    revision: 0,
    started_at_ms: T,
    ended_at_ms: T + 400,
    labels: ["person", "dog"],
    detection_count: 3,
    close_reason: "idle",
    fast_path: false,
    risk: { status: "scored", level: expect.any(String) },
  });
  expect(event!.message).toMatchObject({ subject: "camera.idle.event.created", msg_id: "idle.f-1.0" });
});

test("a batch closes as max_size exactly at the limit, and by a set that goes over it", async () => {
  const { set, told } = enrichment;
  for (const i of [1, 2, 3, 4, 5]) await set("exact", `f-${i}`, T + i, [person]);
  await set("over", "f-1", T, [person, person, person, person]);
  await set("over", "f-2", T + 1, [person, person, person]);
  await set("over", "f-3", T + 60_000, [person]);
  expect(await told("exact", 1)).toMatchObject([{ detection_count: 5, close_reason: "max_size", ended_at_ms: T + 5 }]);
  expect(await told("over", 2)).toMatchObject([
    { event_id: "over.f-1", detection_count: 7, close_reason: "max_size" },
    { event_id: "over.f-3", detection_count: 1, close_reason: "idle" },
  ]);
});

test("sets without boxes neither open a batch nor keep one open", async () => {
  const { set, told, world } = enrichment;
  await set("empty", "f-0", T, []);
  await set("empty", "f-1", T + 100, [person]);
  await set("empty", "f-2", T + 700, []);
  await set("empty", "f-3", T + 5_000_000, []);
  expect(await told("empty", 1)).toMatchObject([{ event_id: "empty.f-1", ended_at_ms: T + 100, close_reason: "idle" }]);
  const [camera] = await world.db.query("select last_frame_id from cameras where camera_id = 'empty'");
  expect(camera).toEqual({ last_frame_id: "f-3" });
});

test("a camera that begins again within 5 s with the same label and confidence goes on with its event", async () => {
  const { set, told } = enrichment;
  await set("again", "f-1", T, [person]);
  await told("again", 1);
  await set("again", "f-2", T + 4_000, [["person", 0.9]]);
  await told("again", 2);
  await set("again", "f-3", T + 8_000, [["person", 0.5]]);
  const events = await told("again", 3);
  expect(events).toMatchObject([
    { event_id: "again.f-1", revision: 0, ended_at_ms: T, detection_count: 1 },
    { event_id: "again.f-1", revision: 1, ended_at_ms: T + 4_000, detection_count: 2, close_reason: "idle" },
    { event_id: "again.f-3", revision: 0 },
  ]);
  expect(events[1]!.message).toMatchObject({ subject: "camera.again.event.updated", msg_id: "again.f-1.1" });
});
