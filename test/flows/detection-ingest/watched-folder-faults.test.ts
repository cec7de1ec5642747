import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { TEST_STREAMS } from "../../harness/world.ts";
import { framesOf, type Inbox, makeInbox, says } from "./inbox.fixture.ts";
import { type Ingest, setupIngest } from "./ingest.fixture.ts";

let ingest: Ingest;
beforeAll(async () => {
  ingest = await setupIngest({ streams: { ...TEST_STREAMS, frames_mb: 16 } });
});
afterAll(() => ingest.stop());

/** A picture large enough to be one of a camera. */
const large = async (seed: number) =>
  new Uint8Array(
    await sharp(await picture(seed, { width: 1280, height: 960 }))
      .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
      .toBuffer(),
  );

async function run({ env }: Inbox) {
  const mesh = await ingest.run(env);
  onTestFinished(() => mesh.stop());
  return mesh;
}

const logged = (words: string) =>
  vi.waitFor(
    async () => {
      await ingest.world.log.flush();
      expect(await readFile(join(ingest.world.dir, "logs", "test.log"), "utf8")).toContain(words);
    },
    { timeout: 20_000, interval: 50 },
  );

test("a process that is killed between publishing and removing doubles nothing", async () => {
  const inbox = await makeInbox(ingest.world);
  await inbox.put("killed/a.jpg", await large(1));
  const { backing, dir, db } = ingest.world;
  const child = spawn(process.execPath, [join(import.meta.dirname, "die-after-publishing.fixture.ts")], {
    stdio: ["ignore", "ignore", "inherit"],
    cwd: dir,
    env: {
      ...process.env,
      ...inbox.env,
      NATS_URL: backing.nats_url,
      NATS_USER: backing.nats_user!,
      NATS_PASSWORD: backing.nats_password!,
      DATABASE_URL: backing.database_url,
      REDIS_URL: backing.redis_url,
      GATEHOUSE_HOME: join(dir, "child"),
      GATEHOUSE_MODELS__DETECTOR: JSON.stringify([{ kind: "http-detect", url: ingest.detector.url }]),
    },
  });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
  expect(await inbox.names("killed")).toEqual(["a.jpg"]);
  expect(await ingest.count("CAMERA_FRAMES", "camera.killed.frame")).toBe(1);
  await db.query("update leases set until_ms = 0");
  const before = ingest.detector.asked;
  await run(inbox);
  await inbox.holds("killed", []);
  await ingest.drained();
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.killed.detections")).toBe(1);
  expect(ingest.detector.asked - before).toBe(1);
});

test("a full queue makes the folder wait, and nothing is lost", async () => {
  const inbox = await makeInbox(ingest.world);
  await ingest.detector.away();
  const mesh = await run(inbox);
  await fillQueue();
  await inbox.put("waiting/a.jpg", await large(2));
  await says(mesh, /Folder "waiting" waits: .*maximum bytes exceeded/);
  expect(await inbox.names("waiting")).toEqual(["a.jpg"]);
  await ingest.detector.back();
  await framesOf(ingest.world, "waiting", 1, 55_000);
  await inbox.holds("waiting", []);
  await vi.waitFor(() => expect(JSON.stringify(mesh.readiness())).not.toContain("waits"), { timeout: 10_000 });
}, 120_000);

/** Publishes ever smaller frames until the queue takes no more. */
async function fillQueue(): Promise<void> {
  const small = await picture(3);
  for (const size of [4_000_000, 64_000, 12_000]) {
    const body = Buffer.concat([small, Buffer.alloc(Math.max(0, size - small.length))]);
    let full: unknown;
    while (!full) await ingest.world.bus.publish("camera.fill.frame", body).catch((error) => (full = error));
    expect(full).toMatchObject({ code: "BACKLOG_FULL" });
  }
}

test("a broker that is away makes the folder wait, and nothing is lost", async () => {
  const inbox = await makeInbox(ingest.world);
  const mesh = await run(inbox);
  await ingest.world.nats.stop();
  await inbox.put("offline/a.jpg", await large(4));
  await says(mesh, /Folder "offline" waits/);
  expect(await inbox.names("offline")).toEqual(["a.jpg"]);
  await ingest.world.nats.start();
  await inbox.holds("offline", []);
  await framesOf(ingest.world, "offline", 1);
  await ingest.drained();
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.offline.detections")).toBe(1);
});

test("of two processes one watches the folder, and the other goes on when that one stops", async () => {
  const inbox = await makeInbox(ingest.world);
  const first = await run(inbox);
  await run(inbox);
  await inbox.put("pair/a.jpg", await large(5));
  await inbox.holds("pair", []);
  await first.stop();
  await inbox.put("pair/b.jpg", await large(6));
  await framesOf(ingest.world, "pair", 2);
  await inbox.holds("pair", []);
  await ingest.drained();
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.pair.detections")).toBe(2);
});

test("a process that lost its lease stops watching until it has one again", async () => {
  const inbox = await makeInbox(ingest.world);
  await run(inbox);
  await inbox.put("lost/a.jpg", await large(7));
  await inbox.holds("lost", []);
  const { db } = ingest.world;
  await db.query("update leases set holder = 'another', epoch = epoch + 1, until_ms = until_ms + 3600000");
  await logged("lease lost");
  await inbox.put("lost/b.jpg", await large(8));
  const witness = await makeInbox(ingest.world);
  await run(witness);
  await witness.put("witness/later.jpg", await large(9));
  await framesOf(ingest.world, "witness", 1);
  expect(await inbox.names("lost")).toEqual(["b.jpg"]);
  await db.query("update leases set until_ms = 0");
  await framesOf(ingest.world, "lost", 2);
  await inbox.holds("lost", []);
});

test("a dead letter that cannot be kept counts nothing, and is kept when it can be", async () => {
  const { bus, db } = ingest.world;
  const counted = async () =>
    (await db.query<{ count: number }>("select count from dead_counts where camera_id = 'unkept'"))[0]?.count;
  const inbox = await makeInbox(ingest.world);
  await inbox.put("unkept/a.jpg", new Uint8Array(20_000));
  const { config } = await bus.manager.streams.info("DEAD_LETTERS");
  await bus.manager.streams.delete("DEAD_LETTERS");
  await run(inbox);
  await vi.waitFor(async () => expect(await counted()).toBe(0), { timeout: 20_000, interval: 20 });
  await bus.manager.streams.add(config);
  await inbox.holds("unkept", []);
  expect(await counted()).toBe(1);
  expect(await ingest.count("DEAD_LETTERS", "dead.detection-ingest")).toBe(1);
});
