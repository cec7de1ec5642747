import { expect, test } from "vitest";
import { wavFile } from "./wav-file.ts";
import { readWavHeader } from "./wav-header.ts";

const stereo = { sample_rate_hz: 48_000, channels: 2 };

/** A chunk of a RIFF file. */
function chunk(name: string, content: Uint8Array, length = content.length): Buffer {
  const head = Buffer.from(`${name}....`);
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

function format({ coding = 1, channels = 1, rate = 16_000, bits = 16 }, more: Uint8Array = Buffer.alloc(0)): Buffer {
  const content = Buffer.alloc(16);
  content.writeUInt16LE(coding, 0);
  content.writeUInt16LE(channels, 2);
  content.writeUInt32LE(rate, 4);
  content.writeUInt16LE(bits, 14);
  return chunk("fmt ", Buffer.concat([content, more]));
}

const riff = (...chunks: Uint8Array[]) => Buffer.concat([Buffer.from("RIFF\xff\xff\xff\xffWAVE", "latin1"), ...chunks]);
const samples = Buffer.alloc(8);

test("readWavHeader() reads what wavFile() wrote", () => {
  const file = wavFile([Buffer.alloc(6), Buffer.alloc(2)], stereo);
  expect(readWavHeader(file)).toEqual({ ...stereo, start: 44, length: 8 });
  expect(file.length).toBe(52);
});

test("readWavHeader() passes over chunks that it does not know, also of odd length", () => {
  const file = riff(
    chunk("LIST", Buffer.alloc(33)),
    format({}),
    chunk("fact", Buffer.alloc(4)),
    chunk("data", samples),
  );
  expect(readWavHeader(file)).toMatchObject({ sample_rate_hz: 16_000, channels: 1, length: 8 });
  expect(file.subarray(readWavHeader(file)!.start)).toEqual(samples);
});

test("readWavHeader() knows PCM in the extensible format", () => {
  const extension = Buffer.from("16001000040000000100000000001000800000aa00389b71", "hex");
  expect(readWavHeader(riff(format({ coding: 0xfffe }, extension), chunk("data", samples)))).toMatchObject({
    length: 8,
  });
});

test.each([0, 0x7f_ff_f0_00, 0xff_ff_ff_ff])("readWavHeader() takes a length of %i for one not known yet", (length) => {
  expect(readWavHeader(riff(format({}), chunk("data", samples, length)))).toMatchObject({ length: null });
});

test("readWavHeader() asks for more until the samples begin", () => {
  const file = wavFile([samples], stereo);
  for (let bytes = 0; bytes < 44; bytes++) expect(readWavHeader(file.subarray(0, bytes))).toBeNull();
  expect(readWavHeader(file.subarray(0, 44))).not.toBeNull();
});

test.each([
  ["another kind of file", Buffer.from("\x89PNG\r\n\x1a\n    "), 'it must begin with "RIFF" and "WAVE"'],
  ["samples before their format", riff(chunk("data", samples)), 'its chunk "fmt " must come before its samples'],
  ["floats", riff(format({ coding: 3, bits: 32 })), "its samples must be 16-bit PCM: they are 32-bit of coding 3"],
  ["8 bits", riff(format({ bits: 8 })), "its samples must be 16-bit PCM: they are 8-bit of coding 1"],
  ["no channel", riff(format({ channels: 0 })), "it must have 1..8 channels: it has 0"],
  ["no rate", riff(format({ rate: 0 })), "its sample rate must be 1000..384000 Hz: it is 0"],
  ["half a format", riff(chunk("fmt ", Buffer.alloc(8))), 'its chunk "fmt " must have 16 bytes: it has 8'],
  ["a long way to its samples", riff(chunk("LIST", samples, 70_000)), "its header must have at most 65536 bytes"],
])("readWavHeader() refuses %s", (_, file, message) => {
  expect(() => readWavHeader(file)).toThrow(message);
});
