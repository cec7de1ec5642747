const MAGIC = 0x47484d31;
const HEADER_BYTES = 16;
const MAX_SIDE = 1024;

/** What a camera's motion gate remembers between frames. Losing it costs a few extra looks at the model, nothing else. */
export interface MotionState {
  width: number;
  height: number;
  /** Frames that the background was learnt from; stops counting at 65535. */
  frames: number;
  /** Frames since the model was last asked (`moved`). */
  frames_since_check: number;
  /** Frames in a row that did not look like the background's place at all. */
  strange_frames: number;
  /** The background itself shows nothing, in place of a view that did. */
  blocked: boolean;
  /** `width * height` luma values in fixed point: 1/256 of a luma step. */
  background: Uint16Array;
}

/** The state as bytes for Redis: a 16-byte header ("GHM1", sizes, counters, blocked 0 or 1), then the background, all big-endian; 38 kB at 160x120. */
export function encodeMotion(state: MotionState): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + state.background.length * 2);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint16(4, state.width);
  view.setUint16(6, state.height);
  view.setUint16(8, state.frames);
  view.setUint16(10, state.frames_since_check);
  view.setUint16(12, state.strange_frames);
  view.setUint16(14, state.blocked ? 1 : 0);
  for (let i = 0, at = HEADER_BYTES; i < state.background.length; i++, at += 2)
    view.setUint16(at, state.background[i]!);
  return bytes;
}

/** The state that `encodeMotion` wrote, or null for anything else: then the gate starts anew. */
export function decodeMotion(bytes: Uint8Array): MotionState | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = view.getUint16(4);
  const height = view.getUint16(6);
  const count = width * height;
  if (view.getUint32(0) !== MAGIC || view.getUint16(14) > 1) return null;
  if (count === 0 || width > MAX_SIDE || height > MAX_SIDE || bytes.length !== HEADER_BYTES + count * 2) return null;
  const background = new Uint16Array(count);
  for (let i = 0, at = HEADER_BYTES; i < count; i++, at += 2) background[i] = view.getUint16(at);
  return {
    width,
    height,
    frames: view.getUint16(8),
    frames_since_check: view.getUint16(10),
    strange_frames: view.getUint16(12),
    blocked: view.getUint16(14) === 1,
    background,
  };
}
