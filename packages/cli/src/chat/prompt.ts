import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
import { createInterface, type Interface } from "node:readline/promises";
import { type Readable, Writable } from "node:stream";
import { Inbox } from "../gateway/inbox.ts";
import type { Screen } from "../terminal/screen.ts";

interface PromptOptions {
  input: Readable;
  out: Screen;
  /** What stands before the line. */
  mark: string;
  /** Earlier inputs, the newest first. */
  history: string[];
  complete(line: string): [string[], string];
  /** Aborted, there are no more lines. */
  signal: AbortSignal;
}

/** Lines that were typed ahead; beyond them the input waits. */
const MOST_AHEAD = 100;
const HISTORY_SIZE = 500;

/** Where a person types, with a history. While an answer is written, keys are read but not shown. */
export class Prompt {
  readonly #rl: Interface;
  readonly #out: Screen;
  readonly #onTerminal: boolean;
  readonly #typed = new Inbox<{ line: string; unseen: boolean } | null>();
  readonly #afterwards: string[] = [];
  readonly #stopping: () => void;
  readonly #signal: AbortSignal;
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor({ input, out, mark, history, complete, signal }: PromptOptions) {
    this.#out = out;
    this.#signal = signal;
    this.#onTerminal = out.isTTY && (input as { isTTY?: boolean }).isTTY === true;
    const screen = this.#onTerminal ? { output: this.#screen() } : {};
    this.#rl = createInterface({
      input,
      ...screen,
      terminal: this.#onTerminal,
      history,
      historySize: HISTORY_SIZE,
      removeHistoryDuplicates: true,
      completer: complete,
      prompt: mark,
    });
    this.#rl.on("line", (line) => this.#take(line));
    this.#rl.on("SIGINT", () => (this.#cancel ? this.#cancel() : this.#typed.push(null)));
    this.#rl.on("close", () => {
      this.#closed = true;
      this.#typed.push(null);
    });
    this.#stopping = () => {
      this.#cancel?.();
      this.#typed.push(null);
    };
    signal.addEventListener("abort", this.#stopping, { once: true });
  }

  /** The next line; null when there are no more: Ctrl-C, Ctrl-D, the end of the input, or the command has to end. */
  async next(): Promise<string | null> {
    if (!this.#closed && this.#typed.size < MOST_AHEAD) this.#rl.resume();
    if (!this.#closed && this.#onTerminal && this.#typed.size === 0) this.#rl.prompt(true);
    const typed = await this.#typed.take();
    if (this.#onTerminal && typed === null) this.#out.write("\n");
    if (this.#onTerminal && typed?.unseen) this.#out.write(`${this.#rl.getPrompt()}${typed.line}\n`);
    return typed?.line ?? null;
  }

  /** Hides what is typed while work is done; `/cancel` and Ctrl-C cancel it. */
  async during<T>(cancel: () => void, work: () => Promise<T>): Promise<T> {
    this.#cancel = cancel;
    try {
      if (this.#signal.aborted) cancel();
      return await work();
    } finally {
      this.#cancel = null;
      for (const text of this.#afterwards.splice(0)) this.#out.write(text);
    }
  }

  /** Writes above the line that is being typed; while an answer is written, after it. */
  above(text: string): void {
    if (this.#cancel) return void this.#afterwards.push(text);
    if (this.#closed || !this.#onTerminal) return void this.#out.write(text);
    const output = this.#screen();
    moveCursor(output, 0, -this.#rl.getCursorPos().rows);
    cursorTo(output, 0);
    clearScreenDown(output);
    this.#out.write(text);
    this.#rl.prompt(true);
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#stopping);
    this.#rl.close();
  }

  #take(line: string): void {
    if (this.#cancel && line.trim() === "/cancel") return this.#cancel();
    this.#typed.push({ line, unseen: this.#cancel !== null });
    if (!this.#closed && this.#typed.size >= MOST_AHEAD) this.#rl.pause();
  }

  /** The terminal as readline sees it. */
  #screen(): NodeJS.WritableStream {
    const out = this.#out;
    const screen = new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        if (!this.#cancel) out.write(text);
        done();
      },
    });
    return Object.defineProperty(screen, "columns", { get: () => out.columns });
  }
}
