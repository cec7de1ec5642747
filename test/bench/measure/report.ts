import type { Spread } from "./spread.ts";

/** What is held against a goal. */
export interface Goal {
  /** `ours / stock, messages/s` */
  what: string;
  value: Spread;
  /** `>= 1.5` */
  wanted: string;
  met: boolean;
}

/** What one bench found. */
export interface Report {
  bench: string;
  /** One sentence: what was measured and how. */
  about: string;
  /** First the names of the columns. */
  table: string[][];
  goals: Goal[];
  notes: string[];
  /** What is wrong with what was measured: then the run has failed, unlike with a goal that is missed. */
  faults?: string[];
  /** Cores that processes outside the measurement used. */
  foreign_cores: Spread;
}

export interface BenchOptions {
  /** A second or two: shows that it runs and that the counts are right. */
  smoke: boolean;
  rounds: number;
  /** Aborted, the measurement is given up: what it started is stopped. */
  signal: AbortSignal;
  tell(line: string): void;
}

/** One measurement. @throws when something was lost, doubled or did not run */
export interface Bench {
  name: string;
  run(options: BenchOptions): Promise<Report>;
}

/** `12,345 (11,000-13,000)` */
export function shown({ median, min, max }: Spread, digits = 0): string {
  const text = (value: number): string =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${text(median)} (${text(min)}-${text(max)})`;
}

export function atLeast(what: string, value: Spread, least: number): Goal {
  return { what, value, wanted: `>= ${least}`, met: value.median >= least };
}

export function atMost(what: string, value: Spread, most: number): Goal {
  return { what, value, wanted: `<= ${most}`, met: value.median <= most };
}

/** The report as text, for people. */
export function reportText({ bench, about, table, goals, notes, faults = [], foreign_cores }: Report): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
  );
  return [
    "",
    `${bench}: ${about}`,
    ...lines.map((line) => `  ${line}`),
    ...goals.map(
      ({ what, value, wanted, met }) => `  ${met ? "met   " : "missed"} ${what}: ${shown(value, 2)}, wanted ${wanted}`,
    ),
    ...notes.map((note) => `  ${note}`),
    ...faults.map((fault) => `  FAILED ${fault}`),
    `  others used ${shown(foreign_cores, 2)} cores meanwhile`,
  ].join("\n");
}
