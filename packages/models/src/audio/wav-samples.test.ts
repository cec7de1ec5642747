import { expect, test } from "vitest";
import { faultsOf } from "../calling/faults.ts";
import { TextToSpeechAuthError, TextToSpeechDownError } from "../errors.ts";
import { wavFile } from "./wav-file.ts";
import { wavSamples } from "./wav-samples.ts";

const fault = faultsOf({
  action: "speak a text",
  server: "s",
  model: null,
  Down: TextToSpeechDownError,
  Auth: TextToSpeechAuthError,
});
const format = { sample_rate_hz: 24_000, channels: 2 };
const pcm = Buffer.from(Array.from({ length: 400 }, (_, at) => at % 251));
const file = wavFile([pcm], format);

/** The samples of a file that comes in pieces of that many bytes. */
async function read(bytes: Uint8Array, piece: number) {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }
  const parts: Uint8Array[] = [];
  for await (const samples of wavSamples(pieces(), fault)) {
    expect(samples.format).toEqual(format);
    expect(samples.bytes.length % 4).toBe(0);
    parts.push(samples.bytes);
  }
  return Buffer.concat(parts);
}

test.each([1, 3, 45, 46, 1_000])("wavSamples() gives whole frames of a file in pieces of %i bytes", async (piece) => {
  expect(await read(file, piece)).toEqual(pcm);
});

test("wavSamples() leaves out what follows the samples", async () => {
  expect(await read(Buffer.concat([file, Buffer.from("LIST\x04\x00\x00\x00text")]), 7)).toEqual(pcm);
});

test("wavSamples() reads to the end when the length is not known, and leaves out half a frame", async () => {
  const open = Buffer.from(file);
  open.writeUInt32LE(0xff_ff_ff_ff, 40);
  expect(await read(Buffer.concat([open, Buffer.from("abc")]), 9)).toEqual(pcm);
});

test.each([
  ["nothing", Buffer.alloc(0), "the answer must be a WAV file: it ended within its header"],
  ["half a header", file.subarray(0, 40), "the answer must be a WAV file: it ended within its header"],
  [
    "another kind of file",
    Buffer.from("ID3 and so on, an MP3"),
    'the answer must be a WAV file: it must begin with "RIFF"',
  ],
  ["a file that ends early", file.subarray(0, 244), "the answer must be whole: 200 of 400 bytes are missing"],
])("wavSamples() refuses %s", async (_, bytes, message) => {
  await expect(read(bytes, 50)).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    message: expect.stringContaining(message),
  });
});
