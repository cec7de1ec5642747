import type { MediaStore } from "@gatehouse/media";
import { expect, test } from "vitest";
import { keepPicture, keepThumbnail } from "./frame-media.ts";

const frame = {
  camera_id: "gate",
  frame_id: "f-1",
  media_type: "image/jpeg" as const,
  image: Uint8Array.of(1),
  captured_at_ms: 0,
  sha256: "ab".repeat(32),
};

test("keepPicture() costs the picture, not the detection, when the disk refuses it, and says so", async () => {
  const said: object[] = [];
  const log = { warn: (fields: object) => said.push(fields) } as never;
  const refused = Object.assign(new Error("EACCES: permission denied, mkdir"), {
    code: "EACCES",
    errno: -13,
    syscall: "mkdir",
  });
  const media = { put: () => Promise.reject(refused) } as unknown as MediaStore;
  expect(await keepPicture(frame, { media, log })).toBeNull();
  expect(said).toEqual([{ camera_id: "gate", frame_id: "f-1", reason: "EACCES: permission denied, mkdir" }]);
});

test("keepPicture() does not hide a bug", async () => {
  const media = { put: () => Promise.reject(new TypeError("x is not a function")) } as unknown as MediaStore;
  await expect(keepPicture(frame, { media, log: {} as never })).rejects.toThrow("x is not a function");
});

test("keepThumbnail() costs the thumbnail, not the detection, where the picture does not decode, and says so", async () => {
  const said: string[] = [];
  const log = { warn: (_: object, sentence: string) => said.push(sentence) } as never;
  expect(await keepThumbnail(frame, { media: {} as MediaStore, log })).toBeNull();
  expect(said).toEqual(["thumbnail could not be made"]);
});
