import { atLeast, atMost, type Goal, type Report, shown } from "../measure/report.ts";
import { ratios, type Spread, spread } from "../measure/spread.ts";
import { BATCH_MS, ITEM_MS, MAX_ITEMS } from "./gpu.ts";
import { CALLERS, callersName, RATES, rateName } from "./trials.ts";
import { type Played, VARIANTS, type Variant } from "./wire.ts";

/** Where both send full batches without a pause, the card decides, and a percent or two is chance. */
const NOT_SLOWER = 0.98;

/** What was played, by trial and variant, round by round. */
export type Results = Record<string, Partial<Record<Variant, Played[]>>>;

const perSecond = ({ answers, elapsed_ms }: Played): number => (answers / elapsed_ms) * 1_000;
const p50 = ({ p50_ms }: Played): number => p50_ms;
const p99 = ({ p99_ms }: Played): number => p99_ms;

export function report(results: Results, foreign_cores: Spread): Report {
  const rows = Object.entries(results).flatMap(([trial, played]) =>
    VARIANTS.flatMap((variant) => {
      const of = played[variant];
      if (!of) return [];
      const cell = (value: (played: Played) => number, digits: number) => shown(spread(of.map(value)), digits);
      return [[`${trial}, ${variant}`, cell(perSecond, 0), cell(p50, 1), cell(p99, 1)]];
    }),
  );
  return {
    bench: "batcher",
    about: `items for a card that takes ${BATCH_MS} ms + ${ITEM_MS} ms an item, one batch of at most ${MAX_ITEMS} at a time; simulated in the process`,
    table: [["", "answers/s", "p50 ms", "p99 ms"], ...rows],
    goals: goalsOf(results),
    notes: [
      "fixed: a window of 32 items or 10 ms, one batch after the other; none: each item by itself; card: full batches, one after the other, nobody between",
      "one of 64 callers gave up, and all others were answered",
    ],
    foreign_cores,
  };
}

function goalsOf(results: Results): Goal[] {
  const of = (trial: string, variant: Variant, value: (played: Played) => number): number[] =>
    (results[trial]?.[variant] ?? []).map(value);
  const against = (trial: string, value: (played: Played) => number): Spread =>
    ratios(of(trial, "ours", value), of(trial, "fixed", value));
  const bare = of(callersName(1), "none", p50);
  const added = of(callersName(1), "ours", p50).map((ms, round) => ms - bare[round]!);
  const most = callersName(256);
  const full = ratios(of(most, "ours", perSecond), of(most, "card", perSecond));
  return [
    ...CALLERS.map((callers) =>
      atLeast(`${callersName(callers)}, answers/s, ours / fixed`, against(callersName(callers), perSecond), NOT_SLOWER),
    ),
    atMost("1 caller, p50 ms, ours - none", spread(added), 1),
    atLeast("256 callers, answers/s, ours / card", full, 0.95),
    ...RATES.flatMap((rate) => [
      atMost(`${rateName(rate)}, p50, ours / fixed`, against(rateName(rate), p50), 1),
      atMost(`${rateName(rate)}, p99, ours / fixed`, against(rateName(rate), p99), 1),
    ]),
  ];
}
