import type { Bus } from "../bus/bus.ts";
import type { Log } from "../log.ts";
import type { Started } from "../service.ts";
import { type DeadLetter, publishDeadLetter } from "./dead-letter.ts";
import type { Meters } from "./meters.ts";

/** What giving up leans on. */
export interface GiveUpParts {
  readonly service: string;
  readonly bus: Bus;
  readonly log: Log;
  readonly meters: Meters;
  /** Counts within the hour; absent where nothing is counted. */
  countDead(): Started<object>["countDead"];
}

const MAX_DEAD_PER_HOUR = 100;
const NOT_COUNTED = { count: 1, undo: async () => {} };

/**
 * The one way to give something up, for doors, consumers and due work: a dead letter, or, beyond 100 of a camera and
 * code within the hour, only the count, unless it is `always` kept; told in metrics and log. What was given up is removed
 * afterwards, by the caller.
 * @throws when it could be neither counted nor kept: then nothing was counted
 */
export async function giveUp(parts: GiveUpParts, letter: DeadLetter): Promise<void> {
  const { service, bus, log, meters } = parts;
  const { consumer, seq, subject, event_id, code, reason, always = false } = letter;
  const { count, undo } = (always ? null : await parts.countDead()?.(subject, code)) ?? NOT_COUNTED;
  if (count <= MAX_DEAD_PER_HOUR)
    await publishDeadLetter(bus, service, letter).catch(async (error: unknown) => {
      await undo().catch(() => {});
      throw error;
    });
  meters.dead(code);
  log.error({ consumer, seq, subject, event_id, code, reason, count }, "given up");
}
