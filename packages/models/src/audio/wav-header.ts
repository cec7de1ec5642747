import { PCM_RANGES, type PcmFormat } from "./pcm.ts";

/** What a WAV file says of its samples. */
export interface WavHeader extends PcmFormat {
  /** Where the samples begin. */
  start: number;
  /** Bytes of samples; null when whoever wrote it did not know yet. */
  length: number | null;
}

/** The longest header that is looked through for the samples, in bytes. */
const MOST_HEADER_BYTES = 64 * 1024;
/** Writers that stream put 0, or nearly 2 or 4 GiB, where the length should be. */
const OPEN_LENGTH = 0x7f_ff_00_00;
const PCM = 1;
const EXTENSIBLE = 0xfffe;

/**
 * Reads the header of a WAV file (RIFF) of 16-bit PCM from its beginning.
 * @returns null when more bytes are needed @throws {Error} with what was wanted and what was seen
 * @see https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html
 */
export function readWavHeader(bytes: Uint8Array): WavHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const name = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12) return null;
  if (name(0) !== "RIFF" || name(8) !== "WAVE") throw new Error('it must begin with "RIFF" and "WAVE"');
  let format: PcmFormat | null = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name(at) === "data") {
      if (!format) throw new Error('its chunk "fmt " must come before its samples');
      return { ...format, start, length: length === 0 || length >= OPEN_LENGTH ? null : length };
    }
    if (start + length > MOST_HEADER_BYTES) throw new Error(`its header must have at most ${MOST_HEADER_BYTES} bytes`);
    if (name(at) === "fmt ") {
      if (start + length > bytes.length) return null;
      format = readFormat(new DataView(view.buffer, view.byteOffset + start, length));
    }
    at = start + length + (length % 2);
  }
  return null;
}

function readFormat(chunk: DataView): PcmFormat {
  if (chunk.byteLength < 16) throw new Error(`its chunk "fmt " must have 16 bytes: it has ${chunk.byteLength}`);
  const tag = chunk.getUint16(0, true);
  const coding = tag === EXTENSIBLE && chunk.byteLength >= 26 ? chunk.getUint16(24, true) : tag;
  const bits = chunk.getUint16(14, true);
  if (coding !== PCM || bits !== 16)
    throw new Error(`its samples must be 16-bit PCM: they are ${bits}-bit of coding ${coding}`);
  const channels = chunk.getUint16(2, true);
  const sample_rate_hz = chunk.getUint32(4, true);
  const { least_hz, most_hz, channels: most } = PCM_RANGES;
  if (channels < 1 || channels > most) throw new Error(`it must have 1..${most} channels: it has ${channels}`);
  if (sample_rate_hz < least_hz || sample_rate_hz > most_hz)
    throw new Error(`its sample rate must be ${least_hz}..${most_hz} Hz: it is ${sample_rate_hz}`);
  return { sample_rate_hz, channels };
}
