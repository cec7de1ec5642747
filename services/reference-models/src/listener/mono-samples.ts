import type { PcmFormat } from "@gatehouse/models";

/** The mean of all channels; what is no whole frame is left out. */
export function monoSamples(samples: Uint8Array, { channels }: PcmFormat): Uint8Array {
  const frame_bytes = channels * 2;
  const frames = Math.floor(samples.length / frame_bytes);
  if (channels === 1) return samples.subarray(0, frames * frame_bytes);
  const view = new DataView(samples.buffer, samples.byteOffset, samples.byteLength);
  const mono = new DataView(new ArrayBuffer(frames * 2));
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += view.getInt16(frame * frame_bytes + channel * 2, true);
    mono.setInt16(frame * 2, Math.round(sum / channels), true);
  }
  return new Uint8Array(mono.buffer);
}
