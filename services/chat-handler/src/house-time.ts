/** How a moment is called where the house stands. */
export interface MomentWords {
  /** `Friday, 21 November 2026`. */
  date: string;
  /** `Friday`. */
  weekday: string;
  /** `14:32`. */
  time: string;
  /** Part of the day: night until 5, morning until 12, afternoon until 18, evening until 22. */
  part: "night" | "morning" | "afternoon" | "evening";
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Puts moments into words, in the time zone of the house. */
export class HouseTime {
  readonly #parts: Intl.DateTimeFormat;
  /** Of the minute that was asked for last: putting one into words takes 0.1 ms. */
  #last: { minute: number; words: MomentWords } | null = null;

  /** `zone`: an IANA name, as `Europe/Berlin`; by default that of this process (`TZ`). */
  constructor(zone?: string) {
    this.#parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      weekday: "long",
      day: "numeric",
      month: "long",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
  }

  wordsOf(at_ms: number): MomentWords {
    const minute = Math.floor(at_ms / MINUTE_MS);
    if (this.#last?.minute !== minute) this.#last = { minute, words: this.#wordsOf(at_ms) };
    return this.#last.words;
  }

  #wordsOf(at_ms: number): MomentWords {
    const parts = this.#parts.formatToParts(at_ms);
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)!.value;
    const weekday = of("weekday");
    return {
      date: `${weekday}, ${of("day")} ${of("month")} ${of("year")}`,
      weekday,
      time: `${of("hour")}:${of("minute")}`,
      part: partOf(Number(of("hour"))),
    };
  }

  /** A moment as somebody says it at another: `at 14:32`, `yesterday at 14:32`, `on Friday at 14:32`, else with the date. */
  relative(at_ms: number, now_ms: number): string {
    const { date, weekday, time } = this.wordsOf(at_ms);
    if (date === this.wordsOf(now_ms).date) return `at ${time}`;
    if (date === this.wordsOf(now_ms - DAY_MS).date) return `yesterday at ${time}`;
    const near = now_ms > at_ms && now_ms - at_ms < 6 * DAY_MS;
    return near ? `on ${weekday} at ${time}` : `on ${date} at ${time}`;
  }
}

function partOf(hour: number): MomentWords["part"] {
  if (hour < 5 || hour >= 22) return "night";
  if (hour < 12) return "morning";
  return hour < 18 ? "afternoon" : "evening";
}

const UNITS = [
  ["weeks", 7 * DAY_MS],
  ["days", DAY_MS],
  ["hours", 60 * MINUTE_MS],
  ["minutes", MINUTE_MS],
] as const;

/** A time that passed, in the largest unit of which there are two: `36 hours`. Null below two minutes: a moment. */
export function durationWords(ms: number): string | null {
  const unit = UNITS.find(([, unit_ms]) => ms >= 2 * unit_ms);
  return unit ? `${Math.floor(ms / unit[1])} ${unit[0]}` : null;
}
