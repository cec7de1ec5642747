import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cameraFrame, decodeEvent } from "@gatehouse/events";
import { expect, onTestFinished, test } from "vitest";
import { FolderWriteError } from "./errors.ts";
import { scenes } from "./first-scenes.ts";
import { folderSink } from "./folder-sink.ts";
import { publishSink } from "./publish-sink.ts";
import type { SimulatedFrame } from "./sink.ts";
import { startDemo } from "./start-demo.ts";

const context = { signal: new AbortController().signal };

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-demo-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function frameAt(ms: number): Promise<SimulatedFrame> {
  const picture = await scenes()[0]!.render(3_000);
  return { camera_id: "drive", frame_id: `drive-${ms}-abcdef`, captured_at_ms: ms, ...picture };
}

test("folderSink() lets the file grow under its final name", async () => {
  const root = await tempFolder();
  const frame = await frameAt(1_000);
  const path = join(root, "drive", "drive-1000-abcdef.jpg");
  const sizes: number[] = [];
  const clock = { now_ms: () => 0, sleep: async () => void sizes.push((await stat(path)).size) };
  await folderSink(root, { pieces: 4, clock })(frame, context);
  const piece = Math.ceil(frame.jpeg.length / 4);
  expect(sizes).toEqual([piece, 2 * piece, 3 * piece]);
  expect(Buffer.compare(await readFile(path), frame.jpeg)).toBe(0);
});

test("folderSink() removes a file whose upload was aborted", async () => {
  const root = await tempFolder();
  const stopper = new AbortController();
  const clock = { now_ms: () => 0, sleep: async () => stopper.abort() };
  const uploaded = folderSink(root, { clock })(await frameAt(1_000), { signal: stopper.signal });
  await expect(uploaded).rejects.toThrow(FolderWriteError);
  expect(await readdir(join(root, "drive"))).toEqual([]);
});

test("folderSink() keeps the newest files of its camera, those of an earlier run counted, and nothing else's", async () => {
  const root = await tempFolder();
  await folderSink(root, { piece_wait_ms: 0 })(await frameAt(1_000), context);
  await writeFile(join(root, "drive", "mine.jpg"), "not the camera's");
  const sink = folderSink(root, { piece_wait_ms: 0, keep_files: 2 });
  for (const ms of [2_000, 3_000]) await sink(await frameAt(ms), context);
  const left = (await readdir(join(root, "drive"))).sort();
  expect(left).toEqual(["drive-2000-abcdef.jpg", "drive-3000-abcdef.jpg", "mine.jpg"]);
});

test("folderSink() says which frame could not be written where", async () => {
  const root = await tempFolder();
  await writeFile(join(root, "drive"), "a file where the folder should be");
  await expect(folderSink(root)(await frameAt(1_000), context)).rejects.toThrow(
    /^Cannot write frame "drive-1000-abcdef" of camera "drive" to ".*": E/,
  );
});

test("publishSink() publishes a camera frame that decodes, under its message id", async () => {
  const frame = await frameAt(1_700_000_000_000);
  const sent: { subject: string; body: Uint8Array; id: string }[] = [];
  await publishSink(async (subject, body, id) => void sent.push({ subject, body, id }))(frame, context);
  const [{ subject, body, id }] = sent as [(typeof sent)[number]];
  expect(subject).toBe("camera.drive.frame");
  expect(id).toBe("drive.drive-1700000000000-abcdef");
  const decoded = decodeEvent(cameraFrame, { subject, body, seq: 1, time_ms: 1_700_000_000_000, msg_id: id });
  expect(decoded).toMatchObject({ camera_id: "drive", frame_id: frame.frame_id, captured_at_ms: 1_700_000_000_000 });
  expect(Object.keys(decoded)).not.toContain("truths");
  expect(Buffer.compare(decoded.image, frame.jpeg)).toBe(0);
});

test("startDemo() publishes from the front door and uploads from the driveway, until it is stopped", async () => {
  const inbox = await tempFolder();
  const published = Promise.withResolvers<string>();
  const log = { info() {}, warn: (fields: object) => published.reject(new Error(JSON.stringify(fields))) };
  const demo = await startDemo({
    inbox,
    log,
    signal: context.signal,
    publish: async (subject) => published.resolve(subject),
  });
  expect(await published.promise).toBe("camera.front-door.frame");
  await demo.stop();
  await demo.stop();
  expect((await readdir(join(inbox, "driveway"))).length).toBeGreaterThan(0);
});

test("startDemo() shows somebody within 3 s on both cameras", async () => {
  for (const site of ["front-door", "driveway"]) {
    const opening = scenes().find((scene) => scene.site === site)!;
    const { truths } = await opening.render(2_500);
    expect(truths.some(({ moving, visible_fraction }) => moving && visible_fraction > 0.9)).toBe(true);
  }
});
