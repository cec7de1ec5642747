import { Cron } from "croner";

/** When a schedule comes. Times are milliseconds since the epoch. */
export interface Occurrences {
  /** The first one after a time; null when there is none any more. */
  after(time_ms: number): number | null;
  /** The last one at or before a time; null when there was none. */
  atOrBefore(time_ms: number): number | null;
}

const FIVE_FIELDS = /^\S+( \S+){4}$/;
const LONGEST = 128;

/**
 * Reads a cron pattern of five fields (minute, hour, day of month, month, day of week; either day is enough) in a time zone.
 * In the hour that clocks skip, what has fixed times comes when the hour ends, and what comes at an interval is left out. In
 * the hour that they repeat, fixed times come once, the first time, and intervals go on.
 * @throws {RangeError} what is wrong with the pattern or the zone
 */
export function readCron(cron: string, timezone: string): Occurrences {
  if (!FIVE_FIELDS.test(cron) || cron.length > LONGEST)
    throw new RangeError("a pattern has five fields with one blank between them");
  if (!isTimezone(timezone)) throw new RangeError(`a time zone is one as Europe/Berlin, and not "${timezone}"`);
  const job = openCron(cron, timezone);
  return {
    after: (time_ms) => job.nextRun(new Date(time_ms))?.getTime() ?? null,
    atOrBefore: (time_ms) => job.previousRuns(1, new Date(time_ms + 1))[0]?.getTime() ?? null,
  };
}

export function isTimezone(name: string): boolean {
  try {
    return name !== "" && new Intl.DateTimeFormat("en", { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

/** The time zone in which the house stands: that of this machine, or `TZ`. */
export function houseTimezone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function openCron(cron: string, timezone: string): Cron {
  try {
    return new Cron(cron, { timezone, paused: true, mode: "5-part", fixedTimeRule: "no-wildcard" });
  } catch (error) {
    const { message } = error as Error;
    throw new RangeError(message.replace(/^CronPattern: /, "").slice(0, 200), { cause: error });
  }
}
