import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { type Ingest, setupIngest } from "./ingest.fixture.ts";

let ingest: Ingest;
beforeAll(async () => {
  ingest = await setupIngest();
  await ingest.run();
});
afterAll(() => ingest.stop());

const rowOf = async (camera_id: string) =>
  (
    await ingest.world.db.query<Record<string, unknown>>("select * from detections where camera_id = $1", [camera_id])
  )[0]!;
const codesOf = async (camera_id: string, count: number) =>
  (await ingest.dead(camera_id, count)).map(({ headers }) => headers["Gatehouse-Code"]);

test("a frame becomes exactly one set of detections, a row, a picture and a thumbnail", async () => {
  const image = await picture(1);
  await ingest.frame("one", "f-1", image);
  const [set] = await ingest.sets("one", 1);
  expect(set).toMatchObject({
    frame_id: "f-1",
    camera_id: "one",
    model: { backend: "reference" },
    image: { width: 640, height: 480 },
    detections: [{ detection_id: "one.f-1.0", label: "person" }],
  });
  expect(set).not.toHaveProperty("skipped");
  await ingest.drained();
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.one.detections")).toBe(1);
  const row = await rowOf("one");
  expect(row.published_seq).toBeGreaterThan(0);
  const media = join(ingest.world.dir, "media");
  expect(new Uint8Array(await readFile(join(media, row.media_key as string)))).toEqual(image);
  expect(await sharp(join(media, row.thumbnail_key as string)).metadata()).toMatchObject({
    format: "jpeg",
    width: 320,
  });
});

test("the same frame again asks the model once and publishes once", async () => {
  const image = await picture(2);
  const before = ingest.detector.asked;
  await ingest.frame("twice", "f-1", image);
  await ingest.sets("twice", 1);
  await ingest.frame("twice", "f-1", image);
  await ingest.frame("twice", "f-1", image);
  await ingest.drained();
  expect(ingest.detector.asked - before).toBe(1);
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.twice.detections")).toBe(1);
});

test("another picture under the same id is a dead letter and changes nothing", async () => {
  await ingest.frame("reused", "f-1", await picture(3));
  await ingest.sets("reused", 1);
  const { sha256 } = await rowOf("reused");
  await ingest.frame("reused", "f-1", await picture(4));
  expect(await codesOf("reused", 1)).toEqual(["FRAME_ID_REUSED"]);
  expect((await rowOf("reused")).sha256).toBe(sha256);
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.reused.detections")).toBe(1);
});

test("the same picture under another id is a duplicate: told, not asked, not kept", async () => {
  const image = await picture(5);
  await ingest.frame("dup", "f-1", image);
  await ingest.sets("dup", 1);
  const before = ingest.detector.asked;
  await ingest.frame("dup", "f-2", image);
  const [, second] = await ingest.sets("dup", 2);
  expect(second).toMatchObject({ frame_id: "f-2", skipped: "duplicate", detections: [], model: null });
  expect(second!.timings_ms.infer).toBe(0);
  expect(ingest.detector.asked).toBe(before);
});

test("a picture without any detail is blurred", async () => {
  const plain = await sharp({ create: { width: 640, height: 480, channels: 3, background: "#888888" } })
    .jpeg()
    .toBuffer();
  await ingest.frame("fog", "f-1", plain);
  expect((await ingest.sets("fog", 1))[0]).toMatchObject({ skipped: "blurred", detections: [], model: null });
});

test("a scene on which nothing moves is still from the fifth frame on, until something moves", async () => {
  // The same scene in other bytes each time: quality alone tells them apart.
  const same = await sharp(await picture(6)).toBuffer();
  for (let i = 0; i < 6; i++) {
    await ingest.frame(
      "calm",
      `f-${i}`,
      await sharp(same)
        .jpeg({ quality: 80 + i })
        .toBuffer(),
    );
    await ingest.sets("calm", i + 1);
  }
  await ingest.frame("calm", "moved", await picture(9));
  const sets = await ingest.sets("calm", 7);
  expect(sets.map(({ skipped }) => skipped ?? "asked")).toEqual([...Array(4).fill("asked"), "still", "still", "asked"]);
});

test("a clock far ahead is not believed, and told; one behind is", async () => {
  const now_ms = Date.now();
  await ingest.frame("clock", "ahead", await picture(10), { captured_at_ms: now_ms + 600_000 });
  await ingest.frame("clock", "behind", await picture(11), { captured_at_ms: now_ms - 86_400_000 });
  await ingest.frame("clock", "absurd", await picture(12), { captured_at_ms: 8.64e15 });
  const sets = new Map((await ingest.sets("clock", 3)).map((set) => [set.frame_id, set]));
  expect(sets.get("ahead")!.captured_at_ms - now_ms).toBeLessThan(300_000);
  expect(sets.get("ahead")!.clock_skew_ms).toBeGreaterThan(300_000);
  expect(sets.get("behind")).toMatchObject({ captured_at_ms: now_ms - 86_400_000 });
  expect(sets.get("behind")).not.toHaveProperty("clock_skew_ms");
  expect(sets.get("absurd")!.clock_skew_ms).toBeGreaterThan(8e15);
});

test("JSON with base64 and bare JPEG, PNG and WebP are frames too", async () => {
  const { bus } = ingest.world;
  const subject = "camera.liberal.frame";
  const encoded = async (seed: number, format: "jpeg" | "png" | "webp") =>
    sharp(await picture(seed))
      .toFormat(format)
      .toBuffer();
  const json = {
    captured_at_ms: Date.now(),
    media_type: "image/png",
    image: (await encoded(20, "png")).toString("base64"),
  };
  await bus.publish(subject, Buffer.from(` ${JSON.stringify({ ...json, frame_id: "json", unknown: 1 })}`));
  await bus.publish(subject, await encoded(21, "jpeg"), { id: "liberal.jpeg" });
  await bus.publish(subject, await encoded(22, "png"), { id: "odd id/ü" });
  await bus.publish(subject, await encoded(23, "webp"));
  const ids = (await ingest.sets("liberal", 4)).map(({ frame_id }) => frame_id);
  expect(ids).toEqual(expect.arrayContaining(["json", "jpeg"]));
  expect(ids.filter((id) => /^[0-9a-f]{64}$/.test(id))).toHaveLength(1);
  expect(ids.filter((id) => /^\d{13}-\d+$/.test(id))).toHaveLength(1);
});
