import { expect, test } from "vitest";
import { monoSamples } from "./mono-samples.ts";

const samples = (...values: number[]) => new Uint8Array(Int16Array.from(values).buffer);

test("monoSamples() takes the mean of the channels, and leaves out half a frame", () => {
  const stereo = Buffer.concat([samples(100, 301, -32_768, -32_768), Buffer.from([1, 2])]);
  expect(monoSamples(stereo, { sample_rate_hz: 16_000, channels: 2 })).toEqual(samples(201, -32_768));
  expect(monoSamples(Buffer.from([1, 2, 3]), { sample_rate_hz: 16_000, channels: 1 })).toEqual(Buffer.from([1, 2]));
});
