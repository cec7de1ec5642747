import { FleetingLine } from "../terminal/fleeting-line.ts";
import type { Paint } from "../terminal/paint.ts";
import { rowsOf } from "../terminal/rows-of.ts";
import { safeLines } from "../terminal/safe-text.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Answer, Change } from "./answer.ts";

const CONTINUED = " ⤳ ";

/** Writes an answer as it comes: its words, and a quiet mark where another model goes on. */
export class AnswerPrinter {
  readonly #out: Screen;
  readonly #paint: Paint;
  /** Marks go elsewhere when a program reads the words. */
  readonly #marks: Screen;
  readonly #fleeting: FleetingLine;
  #last = "";
  /** What was written of the answer since its beginning or the last note. */
  #written = "";

  constructor(out: Screen, paint: Paint, { marks = out }: { marks?: Screen } = {}) {
    this.#out = out;
    this.#paint = paint;
    this.#marks = marks;
    this.#fleeting = new FleetingLine(out);
  }

  /** Says on a terminal what is waited for, until something comes. */
  wait(text: string): void {
    if (this.#last === "") this.#fleeting.show(this.#paint("dim", `… ${text}`));
  }

  show(change: Change, answer: Pick<Answer, "sources">): void {
    if (change.what === "sources") return this.wait(reading(answer.sources.length));
    this.#fleeting.hide();
    if (change.what === "text") this.#write(change.text);
    if (change.what === "handover") this.#mark(change.mode);
    if (change.what === "end") this.endLine();
  }

  /** Says something between the words, on a line of its own. */
  note(text: string): void {
    this.#fleeting.hide();
    if (this.#marks === this.#out) this.endLine();
    this.#marks.write(`${this.#paint("yellow", text)}\n`);
  }

  /** What comes next begins a line. */
  endLine(): void {
    this.#fleeting.hide();
    if (this.#last !== "" && this.#last !== "\n") this.#out.write("\n");
    this.#last = "";
    this.#written = "";
  }

  #write(text: string): void {
    const shown = this.#out.isTTY ? safeLines(text) : text;
    // Models like to begin with an empty line.
    const begun = this.#last === "" ? shown.trimStart() : shown;
    if (begun === "") return;
    this.#out.write(begun);
    this.#last = begun.at(-1)!;
    if (this.#out.isTTY) this.#written += begun;
  }

  #mark(mode: "continued" | "restarted"): void {
    if (mode === "continued") return this.#markContinued();
    if (this.#last === "") return;
    this.#strike();
    this.endLine();
    this.#marks.write(this.#paint("dim", "↺ what stands above is dropped: another model begins the answer again\n"));
  }

  #markContinued(): void {
    if (this.#marks !== this.#out) return;
    this.#out.write(this.#paint("dim", CONTINUED));
    this.#written += CONTINUED;
  }

  /** Strikes out what stands there, where it can still be reached. */
  #strike(): void {
    const { isTTY, columns, rows: most = 0 } = this.#out;
    const rows = isTTY && rowsOf(this.#written, columns);
    if (!rows || rows >= most) return;
    const up = rows > 1 ? `\u001b[${rows - 1}A` : "";
    this.#out.write(`\r${up}\u001b[J${this.#paint(["dim", "strikethrough"], this.#written)}`);
  }
}

const reading = (sources: number): string =>
  sources === 0 ? "found nothing about it, thinking" : `reading ${sources} source${sources === 1 ? "" : "s"}`;

/** `qwen3 · 124 tokens · first word after 0.4 s · 38 tokens/s`; nothing when nothing of it is known. */
export function answerFacts({ model, usage, timings }: Pick<Answer, "model" | "usage" | "timings">): string {
  const facts = [
    model?.name,
    usage && `${usage.estimated ? "about " : ""}${usage.completion_tokens} tokens`,
    timings?.ttft_ms != null && `first word after ${(timings.ttft_ms / 1_000).toFixed(1)} s`,
    timings?.tokens_per_s != null && `${Math.round(timings.tokens_per_s)} tokens/s`,
  ];
  return facts.filter(Boolean).join(" · ");
}
