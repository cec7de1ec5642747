import { spawnSync } from "node:child_process";
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { framesOf, type Inbox, makeInbox, says } from "./inbox.fixture.ts";
import { type Ingest, setupIngest } from "./ingest.fixture.ts";

const no_ffmpeg = spawnSync("ffmpeg", ["-version"]).error !== undefined;

let ingest: Ingest;
beforeAll(async () => {
  ingest = await setupIngest();
});
afterAll(() => ingest.stop());

async function setup(options: Parameters<typeof makeInbox>[1] = {}) {
  const inbox = await makeInbox(ingest.world, options);
  const mesh = await ingest.run(inbox.env);
  onTestFinished(() => mesh.stop());
  return { inbox, mesh };
}

/** A picture large enough to be one of a camera. */
const large = async (seed: number) => {
  const small = await picture(seed, { width: 1280, height: 960 });
  return new Uint8Array(await sharp(small).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer());
};

test("a file that is renamed in becomes one frame at its own time and is removed", async () => {
  const { inbox } = await setup();
  await inbox.put("Front Door/2026 shot.JPG", await large(1));
  const { mtimeMs } = await stat(join(inbox.root, "Front Door/2026 shot.JPG"));
  const [frame] = await framesOf(ingest.world, "front_door", 1);
  expect(frame!.frame_id).toMatch(/^2026_shot-[0-9a-f]{16}$/);
  expect(frame!.captured_at_ms).toBe(Math.floor(mtimeMs));
  await inbox.holds("Front Door", []);
  await ingest.drained();
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.front_door.detections")).toBe(1);
});

test("PNG and WebP are taken, and what the file really is counts", async () => {
  const { inbox } = await setup();
  const png = await sharp(await large(2))
    .png()
    .toBuffer();
  await inbox.put("kinds/a.png", png);
  await inbox.put(
    "kinds/b.webp",
    await sharp(await large(3))
      .webp({ lossless: true, effort: 0 })
      .toBuffer(),
  );
  await inbox.put(
    "kinds/c.jpg",
    await sharp(await large(4))
      .png()
      .toBuffer(),
  );
  await framesOf(ingest.world, "kinds", 3);
  await inbox.holds("kinds", []);
});

test("a file that still grows is not taken before it is whole", async () => {
  const { inbox } = await setup({ stable_ms: 600 });
  const bytes = await large(5);
  const path = join(inbox.root, "slow", "grows.jpg");
  await mkdir(join(inbox.root, "slow"));
  const began_ms = performance.now();
  let longest_ms = 0;
  for (let part = 0, last_ms = began_ms; part < 10; part++) {
    await appendFile(path, bytes.subarray((part * bytes.length) / 10, ((part + 1) * bytes.length) / 10));
    await utimes(path, 1_763_700_000, 1_763_700_000);
    await vi.waitFor(() => expect(performance.now() - last_ms).toBeGreaterThan(150), { interval: 10 });
    longest_ms = Math.max(longest_ms, performance.now() - last_ms);
    last_ms = performance.now();
  }
  expect(longest_ms, "the test itself was too slow to prove anything").toBeLessThan(600);
  const [frame] = await framesOf(ingest.world, "slow", 1);
  expect(frame!.captured_at_ms).toBe(1_763_700_000_000);
  await ingest.drained();
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.slow.detections")).toBe(1);
  expect(await inbox.names(".refused/slow")).toEqual([]);
});

test("files of one camera come oldest first", async () => {
  const { inbox } = await setup();
  await mkdir(join(inbox.root, ".new"));
  for (const [i, name] of ["c", "a", "b"].entries()) {
    await writeFile(join(inbox.root, ".new", `${name}.jpg`), await large(6 + i));
    await utimes(join(inbox.root, ".new", `${name}.jpg`), 1_763_700_000 + i, 1_763_700_000 + i);
  }
  await rename(join(inbox.root, ".new"), join(inbox.root, "order"));
  await framesOf(ingest.world, "order", 3);
  const rows = await ingest.world.db.query<{ stem: string }>(
    "select left(frame_id, 1) as stem from detections where camera_id = 'order' order by captured_at_ms",
  );
  expect(rows.map(({ stem }) => stem)).toEqual(["c", "a", "b"]);
});

test("links, deeper folders, files of the root and half uploaded ones are left alone", async () => {
  const { inbox } = await setup();
  const { root } = inbox;
  await writeFile(join(root, "outside.jpg"), await large(10));
  await mkdir(join(root, "plain", "deeper"), { recursive: true });
  await writeFile(join(root, "plain", "deeper", "x.jpg"), await large(11));
  await writeFile(join(root, "plain", "half.jpg.part"), await large(12));
  await writeFile(join(root, "plain", ".hidden.jpg"), await large(13));
  await symlink(join(root, "outside.jpg"), join(root, "plain", "link.jpg"));
  await symlink(join(root, "plain", "deeper"), join(root, "linked"));
  await writeFile(join(root, "plain", "up..%2f..%2fetc.jpg"), await large(14));
  const [frame] = await framesOf(ingest.world, "plain", 1);
  expect(frame!.frame_id).toMatch(/^up\.\._2f\.\._2fetc-/);
  await inbox.holds("plain", [".hidden.jpg", "deeper", "half.jpg.part", "link.jpg"]);
  await ingest.drained();
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.plain.detections")).toBe(1);
  expect(await ingest.count("CAMERA_DETECTIONS", "camera.linked.detections")).toBe(0);
  expect(await readdir(join(root, "plain", "deeper"))).toEqual(["x.jpg"]);
});

test("two folders that give one id are both left alone and named, until one is gone", async () => {
  const { inbox, mesh } = await setup();
  await inbox.put("Back Yard/a.jpg", await large(20));
  await inbox.put("back yard/b.jpg", await large(21));
  await inbox.put("other/c.jpg", await large(22));
  await framesOf(ingest.world, "other", 1);
  await says(mesh, /"Back Yard" and "back yard" give one camera id, "back_yard"/);
  const lines = (await readFile(join(ingest.world.dir, "logs", "test.log"), "utf8")).split("\n");
  expect(lines.filter((line) => line.includes("back_yard") && line.includes("degraded"))).toHaveLength(1);
  await rm(join(inbox.root, "back yard"), { recursive: true });
  await framesOf(ingest.world, "back_yard", 1);
  await vi.waitFor(() => expect(JSON.stringify(mesh.readiness())).not.toContain("back_yard"), { timeout: 10_000 });
});

test("what can never be taken is set aside with a dead letter, and does not come again", async () => {
  const { inbox } = await setup();
  const whole = await large(30);
  await inbox.put("junk/tiny.jpg", new Uint8Array(100));
  await inbox.put("junk/text.jpg", Buffer.alloc(20_000, "x"));
  await inbox.put("junk/cut.jpg", whole.subarray(0, whole.length - 5_000));
  await inbox.put("junk/big.jpg", Buffer.concat([whole, Buffer.alloc(8 * 1024 * 1024)]));
  const letters = await ingest.dead("junk", 4);
  const codes = letters.map(({ headers }) => headers["Gatehouse-Code"]).sort();
  expect(codes).toEqual(["FRAME_TOO_LARGE", "NOT_AN_IMAGE", "TOO_SMALL", "TRUNCATED"]);
  const big = letters.find(({ headers }) => headers["Gatehouse-Code"] === "FRAME_TOO_LARGE")!;
  const cut = letters.find(({ headers }) => headers["Gatehouse-Code"] === "TRUNCATED")!;
  expect([big.body.length, cut.body.length]).toEqual([0, whole.length - 5_000]);
  await inbox.holds("junk", []);
  expect(await inbox.names(".refused/junk")).toHaveLength(4);
  await inbox.put("junk/good.jpg", whole);
  await framesOf(ingest.world, "junk", 1);
  await ingest.dead("junk", 4);
});

test.skipIf(no_ffmpeg)(
  "a video that is none is refused and a folder called like a picture is left alone (needs ffmpeg)",
  async () => {
    const { inbox } = await setup();
    await mkdir(join(inbox.root, "odd", "not-a-file.jpg"), { recursive: true });
    await inbox.put("odd/a.mp4", Buffer.alloc(20_000, "x"));
    await inbox.put("odd/b.jpg", await large(31));
    await framesOf(ingest.world, "odd", 1);
    const [letter] = await ingest.dead("odd", 1);
    expect(letter!.headers["Gatehouse-Code"]).toBe("VIDEO_UNREADABLE");
    await inbox.holds("odd", ["not-a-file.jpg"]);
  },
);

test.skipIf(process.getuid?.() === 0)(
  "a file that may not be read stays, is told, and holds up nobody (needs a user that is not root, who may read all)",
  async () => {
    const { inbox, mesh } = await setup();
    await inbox.put("locked/a.jpg", await large(33));
    await chmod(join(inbox.root, "locked", "a.jpg"), 0);
    await inbox.put("locked/b.jpg", await large(34));
    await framesOf(ingest.world, "locked", 1);
    await says(mesh, /1 file of folder "locked" cannot be taken in yet, as "a.jpg": EACCES/);
    await inbox.holds("locked", ["a.jpg"]);
  },
);

test("a configured root that is not there is told and waited for", async () => {
  const inbox: Inbox = await makeInbox(ingest.world);
  await rm(inbox.root, { recursive: true });
  const mesh = await ingest.run(inbox.env);
  onTestFinished(() => mesh.stop());
  await says(mesh, /cannot be read and is waited for: ENOENT/);
  await mkdir(inbox.root);
  await inbox.put("late/a.jpg", await large(32));
  await framesOf(ingest.world, "late", 1);
});

test.skipIf(no_ffmpeg)("a video gives a frame each second, at the time it was filmed (needs ffmpeg)", async () => {
  const { inbox } = await setup();
  const film = join(ingest.world.dir, "film.mp4");
  const source = ["-f", "lavfi", "-i", "testsrc=s=640x480:r=10", "-t", "3", "-c:v", "mpeg4", "-q:v", "2"];
  expect(spawnSync("ffmpeg", ["-v", "error", "-y", ...source, film]).status).toBe(0);
  await utimes(film, 1_763_700_100, 1_763_700_100);
  await mkdir(join(inbox.root, "film"));
  await rename(film, join(inbox.root, "film", "one.mp4"));
  const frames = await framesOf(ingest.world, "film", 3);
  const sorted = frames.sort((a, b) => a.captured_at_ms - b.captured_at_ms);
  expect(sorted.map(({ frame_id }) => frame_id.replace(/-[0-9a-f]{16}/, ""))).toEqual([
    "one.0",
    "one.1000",
    "one.2000",
  ]);
  expect(sorted.map(({ captured_at_ms }) => captured_at_ms - 1_763_700_100_000)).toEqual([-3_000, -2_000, -1_000]);
  await inbox.holds("film", []);
});
