/** How long everything of leases takes. One literal holds all defaults; a test passes smaller ones. */
export interface GpuTimes {
  /** A holder renews what it has this often. */
  renew_ms: number;
  /** Without a confirmed renewal for this long a holder aborts its own calls. */
  lapse_ms: number;
  /** A holder that was not seen to renew for this long has lost what it had. Counted only while the broker answers. */
  take_over_ms: number;
  /** How often the key is read while others have something there, so that it is known whether the broker answers. */
  look_ms: number;
  /** How long a caller waits for a lease when it names no nearer deadline. */
  wait_ms: number;
  /** A waiter that has waited this long goes before the next higher priority. */
  aging_ms: number;
  /** A model that could not be loaded is not tried again for this long. */
  again_ms: number;
  /** The longest wait between two tries to unload. */
  unload_again_ms: number;
}

/**
 * The defaults of {@link GpuTimes}. Others take over three seconds before a holder's 15 s are over, as its silence may be seen, and
 * written, up to two late on a busy machine: what it had is free by then, and it has aborted its calls for two seconds.
 */
export const GPU_TIMES: Readonly<GpuTimes> = Object.freeze({
  renew_ms: 5_000,
  lapse_ms: 10_000,
  take_over_ms: 12_000,
  look_ms: 1_000,
  wait_ms: 60_000,
  aging_ms: 10_000,
  again_ms: 5_000,
  unload_again_ms: 30_000,
});
