import { mesh, meshBytes, STREAM_DEFAULTS } from "@gatehouse/streams";
import { expect, test } from "vitest";
import { fitStreams } from "./stream-room.ts";

const MB = 1024 * 1024;
const all_bytes = meshBytes(mesh(STREAM_DEFAULTS));

test("fitStreams() leaves the settings alone when there is room", () => {
  expect(fitStreams(STREAM_DEFAULTS, all_bytes)).toBe(STREAM_DEFAULTS);
});

test("fitStreams() makes the queue of frames smaller, by just as much as is missing, and never below 16 MB", () => {
  const less = fitStreams(STREAM_DEFAULTS, all_bytes - 100 * MB);
  expect(less).toEqual({ ...STREAM_DEFAULTS, frames_mb: STREAM_DEFAULTS.frames_mb - 100 });
  expect(meshBytes(mesh(less))).toBe(all_bytes - 100 * MB);
  expect(fitStreams(STREAM_DEFAULTS, 0).frames_mb).toBe(16);
});
