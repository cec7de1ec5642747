import { wavFile } from "@gatehouse/models";
import { SwitchedFailureError } from "../errors.ts";
import type { DoorFailures } from "../failures.ts";
import { type Spoken, speak } from "./espeak.ts";

/** A tenth of a second of silence. */
const silence = () => wavFile([new Uint8Array(4_410)], { sample_rate_hz: 22_050, channels: 1 });

/**
 * Speaks as the switches let it: with `zero_cost` silence at once, with `drop_after_tokens` so many pieces.
 * @throws {SwitchedFailureError} after those @throws what `speak` throws
 */
export async function* speakAsSwitched(
  wanted: Spoken,
  { zero_cost, drop_after_tokens }: DoorFailures,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  if (zero_cost !== false) return yield silence();
  let count = 0;
  for await (const piece of speak(wanted, signal)) {
    if (drop_after_tokens !== null && count++ >= drop_after_tokens)
      throw new SwitchedFailureError("Cannot go on as a failure switch is on");
    yield piece;
  }
}
