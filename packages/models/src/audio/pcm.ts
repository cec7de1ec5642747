/** How samples lie: 16 bits signed, little-endian, the channels of a frame side by side. */
export interface PcmFormat {
  /** Frames per second. */
  sample_rate_hz: number;
  channels: number;
}

/** Sound that is still being made. */
export interface PcmStream extends PcmFormat {
  /** Pieces of any length, read once, as they come. */
  chunks: AsyncIterable<Uint8Array>;
}

/** Bytes of one sample. */
export const SAMPLE_BYTES = 2;

/** Sample rates of sound that can be played, in Hz, and the most channels. */
export const PCM_RANGES = Object.freeze({ least_hz: 1_000, most_hz: 384_000, channels: 8 });
