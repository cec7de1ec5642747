import type { Fault } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";
import { type PcmFormat, SAMPLE_BYTES } from "./pcm.ts";
import { readWavHeader, type WavHeader } from "./wav-header.ts";

/** A piece of sound. */
export interface Samples {
  /** Whole frames. */
  bytes: Uint8Array;
  format: PcmFormat;
}

/**
 * The samples of a WAV file as it comes, in whole frames; what follows them is left out.
 * @throws {ModelAnswerError} when it is none, or ends before its own length
 */
export async function* wavSamples(chunks: AsyncIterable<Uint8Array>, fault: Fault): AsyncGenerator<Samples> {
  let header: WavHeader | null = null;
  let held = Buffer.alloc(0);
  let left = Number.POSITIVE_INFINITY;
  for await (const chunk of chunks) {
    held = Buffer.concat([held, chunk]);
    if (!header) {
      header = readHeader(held, fault);
      if (!header) continue;
      held = held.subarray(header.start);
      left = header.length ?? left;
    }
    const { sample_rate_hz, channels } = header;
    const frame_bytes = channels * SAMPLE_BYTES;
    const usable = Math.min(held.length, left);
    const bytes = held.subarray(0, usable - (usable % frame_bytes));
    held = held.subarray(bytes.length);
    left -= bytes.length;
    if (bytes.length > 0) yield { bytes, format: { sample_rate_hz, channels } };
    if (left < frame_bytes) return;
  }
  if (!header) throw fault(ModelAnswerError, "the answer must be a WAV file: it ended within its header");
  if (Number.isFinite(left))
    throw fault(ModelAnswerError, `the answer must be whole: ${left} of ${header.length} bytes are missing`);
}

function readHeader(bytes: Uint8Array, fault: Fault): WavHeader | null {
  try {
    return readWavHeader(bytes);
  } catch (cause) {
    throw fault(ModelAnswerError, `the answer must be a WAV file: ${(cause as Error).message}`, { cause });
  }
}
