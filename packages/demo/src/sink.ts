import type { Truth } from "./scene.ts";

/** A frame as a simulated camera gives it away. */
export interface SimulatedFrame {
  camera_id: string;
  /** `{camera_id}-{captured_at_ms}-{run}`: unique, also over restarts and when the clock is set back. */
  frame_id: string;
  captured_at_ms: number;
  jpeg: Uint8Array;
  /** What really is in the picture. */
  truths: Truth[];
}

/** Takes a frame somewhere. Rejects when it could not; stops when `signal` aborts, because the frame's time is over. */
export type Sink = (frame: SimulatedFrame, context: { signal: AbortSignal }) => Promise<void>;
