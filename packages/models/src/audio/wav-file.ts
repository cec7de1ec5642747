import { type PcmFormat, SAMPLE_BYTES } from "./pcm.ts";

/** Samples as a WAV file. */
export function wavFile(samples: readonly Uint8Array[], { sample_rate_hz, channels }: PcmFormat): Uint8Array {
  const length = samples.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const frame_bytes = channels * SAMPLE_BYTES;
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + length, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sample_rate_hz, 24);
  header.writeUInt32LE(sample_rate_hz * frame_bytes, 28);
  header.writeUInt16LE(frame_bytes, 32);
  header.writeUInt16LE(SAMPLE_BYTES * 8, 34);
  header.write("data", 36, "latin1");
  header.writeUInt32LE(length, 40);
  return Buffer.concat([header, ...samples]);
}
