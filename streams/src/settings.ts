/** What the configuration decides about streams. */
export interface StreamSettings {
  /** 1, or 3 on a cluster. */
  readonly replicas: 1 | 3;
  readonly frames_h: number;
  readonly frames_mb: number;
  readonly detections_d: number;
  readonly events_d: number;
  readonly dead_letters_mb: number;
}

export const STREAM_DEFAULTS: StreamSettings = Object.freeze({
  replicas: 1,
  frames_h: 24,
  frames_mb: 2048,
  detections_d: 7,
  events_d: 30,
  dead_letters_mb: 512,
});
