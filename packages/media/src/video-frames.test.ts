import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { checkImage } from "./check-image.ts";
import { extractVideoFrames } from "./video-frames.ts";

const no_ffmpeg = spawnSync("ffmpeg", ["-version"]).error !== undefined;
const videoTest = test.skipIf(no_ffmpeg);
if (no_ffmpeg) process.stderr.write("video-frames.test.ts: skipped in part, as there is no ffmpeg on PATH\n");

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "video-frames-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes a video of `seconds` whose luma is 40 + 20 per whole second. */
async function makeVideo(
  name: string,
  seconds: number,
  source = "nullsrc=s=320x240:r=10,geq=lum='40+20*floor(T)':cb=128:cr=128",
) {
  const path = join(await makeFolder(), name);
  await promisify(execFile)("ffmpeg", [
    "-v",
    "error",
    "-f",
    "lavfi",
    "-i",
    source,
    "-t",
    String(seconds),
    "-c:v",
    "mpeg4",
    "-q:v",
    "2",
    path,
  ]);
  return path;
}

videoTest.each(["one.mp4", "-i two.mov", "three.mkv", "four.avi"])(
  "extractVideoFrames() takes a frame each second of %s, the first at 0",
  async (name) => {
    const frames = await extractVideoFrames(await makeVideo(name, 3.5));
    expect(frames.map(({ at_ms }) => at_ms).slice(0, 4)).toEqual([0, 1000, 2000, 3000]);
    const seconds = await Promise.all(
      frames.map(async ({ jpeg }) => {
        const { width, height, gray } = await checkImage(jpeg, { declared: "image/jpeg" });
        expect([width, height]).toEqual([320, 240]);
        return Math.round((gray.pixels[5000]! - 28) / 23.3);
      }),
    );
    expect(seconds.slice(0, 4)).toEqual([0, 1, 2, 3]);
  },
  30_000,
);

videoTest(
  "extractVideoFrames() stops at max_frames and takes every_ms",
  async () => {
    const path = await makeVideo("test.mp4", 4, "testsrc=s=320x240:r=10");
    const frames = await extractVideoFrames(path, { every_ms: 250, max_frames: 5 });
    expect(frames.map(({ at_ms }) => at_ms)).toEqual([0, 250, 500, 750, 1000]);
  },
  30_000,
);

videoTest(
  "extractVideoFrames() gives the frames before the place where a video breaks off",
  async () => {
    const path = await makeVideo("test.mkv", 6, "testsrc=s=320x240:r=10");
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    const frames = await extractVideoFrames(path);
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.length).toBeLessThan(6);
  },
  30_000,
);

videoTest(
  "extractVideoFrames() refuses what is no video, and a playlist that names other files",
  async () => {
    const folder = await makeFolder();
    const video = await makeVideo("real.mp4", 1);
    const contents = {
      "text.mp4": "this is no video",
      "empty.mkv": "",
      "playlist.mp4": `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${video}\n#EXT-X-ENDLIST\n`,
      "concat.avi": `ffconcat version 1.0\nfile '${video}'\n`,
    };
    for (const [name, content] of Object.entries(contents)) {
      await writeFile(join(folder, name), content);
      await expect(extractVideoFrames(join(folder, name)), name).rejects.toMatchObject({
        code: "VIDEO_UNREADABLE",
        retry: "never",
      });
    }
    await expect(extractVideoFrames(join(folder, "missing.mp4"))).rejects.toMatchObject({ code: "VIDEO_UNREADABLE" });
  },
  30_000,
);

videoTest(
  "extractVideoFrames() kills ffmpeg when it takes too long or is aborted",
  async () => {
    const pipe = join(await makeFolder(), "never-written.mp4");
    await promisify(execFile)("mkfifo", [pipe]);
    await expect(extractVideoFrames(pipe, { timeout_ms: 200 })).rejects.toMatchObject({
      code: "VIDEO_TIMEOUT",
      retry: "later",
    });
    const abort = new AbortController();
    const reading = extractVideoFrames(pipe, { signal: abort.signal });
    abort.abort(new Error("stopping"));
    await expect(reading).rejects.toThrow("stopping");
    await expect(extractVideoFrames(pipe, { signal: abort.signal })).rejects.toThrow("stopping");
  },
  30_000,
);

test("extractVideoFrames() names the package to install when there is no ffmpeg", async () => {
  vi.stubEnv("PATH", await makeFolder());
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(extractVideoFrames("a.mp4")).rejects.toMatchObject({
    code: "FFMPEG_MISSING",
    retry: "never",
    message: 'Cannot read video as "ffmpeg" must be on PATH: it is not; install the package "ffmpeg"',
  });
});
