import { type CameraStatus, decodeBody } from "@gatehouse/events";
import { applyStreams, type StoredMessage } from "@gatehouse/runtime";
import { putDue } from "@gatehouse/store";
import { type MeshDeclaration, mesh } from "@gatehouse/streams";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { collect } from "../../harness/collect.ts";
import { runDoomed } from "../../harness/run-doomed.ts";
import { until } from "../../harness/until.ts";
import { TEST_STREAMS } from "../../harness/world.ts";
import { type Ingest, setupIngest } from "./ingest.fixture.ts";

const CONFIRM_FRAMES = 3;
const T = Date.now() - 600_000;
/** What a dead process did not acknowledge comes again after a second. */
const declared: MeshDeclaration = {
  ...mesh(TEST_STREAMS),
  streams: mesh(TEST_STREAMS).streams.map((stream) => ({
    ...stream,
    consumers: stream.consumers.map((consumer) => ({ ...consumer, ack_wait_ms: 1_000 })),
  })),
};

let ingest: Ingest;
let yard: Uint8Array;
let cover: Uint8Array;
let taken = 0;
beforeAll(async () => {
  ingest = await setupIngest();
  await applyStreams(ingest.world.bus, declared);
  yard = await drawn(
    "<path d='M0 200 H640 V480 H0Z' fill='#444'/><path d='M80 60 H260 V380 H80Z' fill='#999'/>",
    "#ddd",
  );
  cover = await drawn("", "#0c0c0c");
});
afterAll(() => ingest.stop());

function drawn(shapes: string, ground: string): Promise<Uint8Array> {
  const svg = `<svg width="640" height="480"><rect width="100%" height="100%" fill="${ground}"/>${shapes}</svg>`;
  return sharp(Buffer.from(svg)).jpeg().toBuffer();
}

/** Frames of one view, one after the other, each settled before the next. */
async function frames(camera_id: string, image: Uint8Array, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await ingest.frame(camera_id, `f-${++taken}`, image, { captured_at_ms: T + taken });
    await ingest.drained();
  }
}
const seqNow = async () => (await ingest.world.bus.stream("CAMERA_STATE")).last_seq;
const statusAfter = async (camera_id: string, seq: number): Promise<StoredMessage & { said: CameraStatus }> => {
  const filter = `camera.${camera_id}.status`;
  const [message] = await collect(ingest.world.bus, "CAMERA_STATE", 1, { filter, from: { seq: seq + 1 } });
  return { ...message!, said: decodeBody(message!.body).fields as unknown as CameraStatus };
};

test("a camera that is covered is told degraded once, and online once when it shows something again", async () => {
  const mesh = await ingest.run();
  const before = await seqNow();
  await frames("gate", yard, 6);
  await frames("gate", cover, CONFIRM_FRAMES);
  const covered = await statusAfter("gate", before);
  expect(covered).toMatchObject({ seq: before + 1, msg_id: `gate.f-${taken}.status` });
  expect(covered.said).toMatchObject({
    camera_id: "gate",
    status: "degraded",
    scene: "blocked",
    timestamp_ms: T + taken,
  });
  await frames("gate", cover, 3);
  await frames("gate", yard, 1);
  const open = await statusAfter("gate", covered.seq);
  expect(open).toMatchObject({ seq: before + 2, said: { status: "online", scene: "same", timestamp_ms: T + taken } });
  expect(open.said).not.toHaveProperty("reason");
  await frames("gate", yard, 3);
  expect(await seqNow()).toBe(before + 2);
  await mesh.stop();
});

test("a change is told once when the process dies after noting it, and by another", async () => {
  const before = await seqNow();
  const alive = await ingest.run();
  await frames("yard", yard, 6);
  await frames("yard", cover, CONFIRM_FRAMES - 1);
  await alive.stop();
  const env = { GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url: ingest.detector.url }]) };
  const doomed = runDoomed(ingest.world, { service: "detection-ingest", step: "scene", declared, env });
  await ingest.frame("yard", "deadly", cover, { captured_at_ms: T + ++taken });
  await doomed;
  expect(await ingest.world.db.query("select scene from scene_changes where camera_id = 'yard'")).toEqual([
    { scene: "blocked" },
  ]);
  const heir = await ingest.run();
  await ingest.drained();
  expect(await statusAfter("yard", before)).toMatchObject({ seq: before + 1, msg_id: "yard.deadly.status" });
  await nothingDue();
  expect(await seqNow()).toBe(before + 1);
  await heir.stop();
});

test("a change that was published and not marked is found, not told again", async () => {
  const { db } = ingest.world;
  const before = await seqNow();
  await db.query("update scene_changes set published_seq = null where camera_id = 'yard'");
  await putDue(db, { service: "detection-ingest", kind: "status", key: "yard", due_at_ms: Date.now() });
  const alive = await ingest.run();
  await nothingDue();
  expect(await db.query("select published_seq from scene_changes where camera_id = 'yard'")).toEqual([
    { published_seq: before },
  ]);
  expect(await seqNow()).toBe(before);
  await alive.stop();
});

const nothingDue = () =>
  until("every change is told", async () => {
    const [row] = await ingest.world.db.query<{ count: number }>("select count(*) from due where kind = 'status'");
    return row!.count === 0;
  });
