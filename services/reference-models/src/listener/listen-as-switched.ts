import type { DoorFailures } from "../failures.ts";
import { type Heard, listen, type Speech } from "./pocketsphinx.ts";

/** Listens, or with the switch `zero_cost` says at once that it did not. @throws what `listen` throws */
export async function listenAsSwitched(
  speech: Speech,
  { zero_cost }: DoorFailures,
  signal: AbortSignal,
): Promise<Heard> {
  if (zero_cost !== false) return { text: "nobody listened", duration_ms: 0 };
  return listen(speech, signal);
}
