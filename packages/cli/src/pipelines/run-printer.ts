import type { PipelineStatus } from "@gatehouse/events";
import { clock, when } from "../terminal/event-line.ts";
import { FleetingLine } from "../terminal/fleeting-line.ts";
import type { Colour, Paint } from "../terminal/paint.ts";
import { progressBar } from "../terminal/progress-bar.ts";
import { safeText, shorten } from "../terminal/safe-text.ts";
import type { Screen } from "../terminal/screen.ts";
import { tookWords } from "../terminal/took-words.ts";
import { isOver, type KnownRun, type RunState } from "./runs.ts";

const COLOURS: Record<RunState, Colour> = {
  waiting: "dim",
  submitted: "blue",
  pending: "blue",
  running: "cyan",
  succeeded: "green",
  failed: "red",
  error: "red",
  cancelled: "yellow",
};
const STATUS_WIDTH = 9;
const MARGIN = " ".repeat("00:00:00  ".length);
const EACH_MS = 1_000;

export const stateColour = (state: RunState): Colour => COLOURS[state];

/** Shows a run as it goes on: a line for each status, and on a terminal how long it has been so. */
export class RunPrinter {
  readonly #out: Screen;
  readonly #paint: Paint;
  readonly #fleeting: FleetingLine;
  readonly #ticking: NodeJS.Timeout | null;
  #last: PipelineStatus | null = null;
  #progress = "";
  #began_ms: number | null = null;

  constructor(out: Screen, paint: Paint) {
    this.#out = out;
    this.#paint = paint;
    this.#fleeting = new FleetingLine(out);
    this.#ticking = out.isTTY ? setInterval(() => this.#live(), EACH_MS) : null;
    this.#live();
  }

  show(status: PipelineStatus): void {
    this.#fleeting.hide();
    this.#began_ms ??= status.timestamp_ms;
    const took_ms = isOver(status.status) ? status.timestamp_ms - this.#began_ms : null;
    for (const line of statusLines(status, { paint: this.#paint, took_ms })) this.#out.write(`${line}\n`);
    this.#last = status;
    this.#tell(status.message);
  }

  /** How far it is, in the engine's words; off a terminal only what it waits for, once. */
  progress({ state, message }: Pick<KnownRun, "state" | "message">): void {
    const is_news = state === "waiting" && message !== "" && safeText(message) !== this.#progress;
    if (is_news && !this.#out.isTTY) this.note(waitingLine(message));
    this.#tell(message);
  }

  #tell(message: string): void {
    this.#progress = safeText(message);
    this.#live();
  }

  /** Says something on a line of its own. */
  note(text: string): void {
    this.#fleeting.hide();
    this.#out.write(`${this.#paint("yellow", text)}\n`);
  }

  /** Shows nothing more. */
  close(): void {
    if (this.#ticking) clearInterval(this.#ticking);
    this.#fleeting.hide();
  }

  #live(): void {
    const status = this.#last?.status ?? "waiting";
    if (isOver(status)) return this.#fleeting.hide();
    const since = this.#last && `for ${tookWords(Math.max(0, Date.now() - this.#last.timestamp_ms))}`;
    const text = ["…", status, since, barOf(this.#progress), this.#progress].filter(Boolean).join(" ");
    this.#fleeting.show(this.#paint("dim", shorten(text, this.#out.columns - 1)));
  }
}

const waitingLine = (message: string): string =>
  `${clock(Date.now())}  ${"waiting".padEnd(STATUS_WIDTH)}  ${safeText(message)}`;

/** How far it is, where its message says so: `2/5`, `12 of 40`. */
function barOf(message: string): string {
  const [, done, total] = /(?:^|\s)(\d{1,9})(?:\/| of )(\d{1,9})(?:\s|$)/.exec(message) ?? [];
  return total === undefined ? "" : progressBar(Number(done), Number(total));
}

/** `19:04:11  running    2 of 5 steps`, and under it what the run gave. */
export function statusLines(
  told: PipelineStatus,
  { paint, took_ms = null, dated = false }: { paint: Paint; took_ms?: number | null; dated?: boolean },
): string[] {
  const { status, message, engine, run_id, timestamp_ms, code } = told;
  const time = dated ? when(timestamp_ms) : clock(timestamp_ms);
  const facts = [
    status === "submitted" && run_id !== null && safeText([engine, run_id].filter(Boolean).join(" ")),
    code,
    safeText(message),
    took_ms !== null && paint("dim", `after ${tookWords(took_ms)}`),
  ];
  const head = `${paint("dim", time)}  ${paint(stateColour(status), status.padEnd(STATUS_WIDTH))}  ${facts.filter(Boolean).join("  ")}`;
  return [head.trimEnd(), ...givenLines(told, paint).map((line) => `${MARGIN}${line}`)];
}

function givenLines(
  { outputs, artifacts = [] }: Pick<PipelineStatus, "outputs" | "artifacts">,
  paint: Paint,
): string[] {
  const given = [
    ...Object.entries(outputs ?? {}).map(([name, value]) => [name, textOf(value)] as const),
    ...artifacts.map(({ name, uri }) => [name, uri] as const),
  ].map(([name, text]) => [safeText(name), safeText(text)] as const);
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, text]) => `${paint("bold", name.padEnd(width))}  ${text}`);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
