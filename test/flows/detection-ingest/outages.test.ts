import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunningMesh } from "@gatehouse/runtime";
import { openRedis } from "@gatehouse/store";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { type Ingest, setupIngest } from "./ingest.fixture.ts";

let ingest: Ingest;
let mesh: RunningMesh;
beforeAll(async () => {
  ingest = await setupIngest();
  mesh = await ingest.run();
});
afterAll(() => ingest.stop());

const ready = async () => {
  const answer = await fetch(`${mesh.health_url}/readyz`);
  return { status: answer.status, text: await answer.text() };
};
const WITHIN = { timeout: 20_000, interval: 50 };

test("while the detector is away frames wait, readyz names it, and nothing is lost or given up", async () => {
  await ingest.detector.away();
  await ingest.frame("dark", "f-0", await picture(0));
  await vi.waitFor(
    async () => expect(await ready()).toMatchObject({ status: 503, text: expect.stringContaining("detector") }),
    WITHIN,
  );
  await vi.waitFor(async () => {
    await ingest.world.log.flush();
    expect(await readFile(join(ingest.world.dir, "logs", "test.log"), "utf8")).toContain("paused until");
  }, WITHIN);
  for (let i = 1; i < 5; i++) await ingest.frame("dark", `f-${i}`, await picture(i));
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.dark.detections")).toBe(0);
  await ingest.detector.back();
  const sets = await ingest.sets("dark", 5);
  expect(new Set(sets.map(({ frame_id }) => frame_id)).size).toBe(5);
  expect(sets.every(({ skipped, model }) => skipped === undefined && model !== null)).toBe(true);
  await ingest.drained();
  expect(await ingest.world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 0 });
  await vi.waitFor(async () => expect((await ready()).status).toBe(200), WITHIN);
});

test("a picture whose detections could not be kept is no part of the background, and comes again", async () => {
  const { db, backing, bus } = ingest.world;
  const cache = openRedis(backing.redis_url, { name: "test", key_prefix: "gh:" });
  onTestFinished(() => cache.close());
  await db.query("alter table detections add constraint full_disk check (camera_id <> 'kept') not valid");
  await ingest.frame("kept", "f-1", await picture(8), { captured_at_ms: 5 });
  await vi.waitFor(async () => expect(await bus.stream("KV_attempts")).toMatchObject({ messages: 1 }), WITHIN);
  expect(await cache.getVersioned("background:kept")).toBeNull();
  await db.query("alter table detections drop constraint full_disk");
  expect((await ingest.sets("kept", 1))[0]).toMatchObject({ frame_id: "f-1", detections: [{ label: "person" }] });
  const kept = async () => expect(await cache.getVersioned("background:kept")).toMatchObject({ version: "5" });
  await vi.waitFor(kept, WITHIN);
});

test("without Redis frames are detected: none is a duplicate and none is still", async () => {
  const { redis } = ingest.world;
  const image = await picture(7);
  await ingest.frame("bare", "f-1", image);
  await ingest.sets("bare", 1);
  await redis.stop();
  await vi.waitFor(
    async () => expect(await ready()).toMatchObject({ status: 200, text: expect.stringContaining("redis") }),
    WITHIN,
  );
  await ingest.frame("bare", "f-2", image);
  const sets = await ingest.sets("bare", 2);
  expect(sets[1]).toMatchObject({ frame_id: "f-2", detections: [{ label: "person" }] });
  expect(sets[1]).not.toHaveProperty("skipped");
  await redis.start();
});
