import { randomBytes } from "node:crypto";
import { GatehouseError } from "@gatehouse/errors";
import { isId } from "@gatehouse/events";
import type { Context } from "../context.ts";
import { paintFor } from "../terminal/paint.ts";
import { safeText } from "../terminal/safe-text.ts";
import { type Drawing, passageTexts } from "../terminal/source-lines.ts";
import { Conversation, type Manner } from "./conversation.ts";
import { fetchGreeting, greetingLines } from "./greeting.ts";
import { COMMANDS, type CommandName, completeLine, parseLine } from "./parse-line.ts";
import { Prompt } from "./prompt.ts";
import { earlierInputs, sessionsText } from "./sessions.ts";
import type { Talk } from "./talk.ts";

/** A chat: a line is a question or a command, until the person leaves. */
export class ChatLoop {
  readonly #context: Context;
  readonly #talk: Talk;
  readonly #manner: Manner;
  readonly #drawing: Drawing;
  readonly #conversation: Conversation;
  #prompt: Prompt | null = null;
  #left = false;

  constructor(context: Context, talk: Talk, manner: Manner) {
    this.#context = context;
    this.#talk = talk;
    this.#manner = { ...manner };
    const { out, cwd } = context;
    this.#drawing = {
      paint: paintFor(out),
      cwd,
      get columns() {
        return out.columns;
      },
    };
    this.#conversation = new Conversation(talk, context.out, this.#drawing);
  }

  /** The connection was lost or is back. */
  tell(text: string): void {
    this.#conversation.tell(text);
  }

  /** Runs until the person leaves. @throws {GatewayDownError | GatewayRefusedError} when it cannot begin */
  async run(): Promise<void> {
    const { out, stdin, interrupts } = this.#context;
    const history = out.isTTY ? await earlierInputs(this.#talk.access, this.#session) : [];
    const prompt = new Prompt({
      input: stdin,
      out,
      mark: this.#drawing.paint("cyan", "› "),
      history,
      complete: completeLine,
      signal: interrupts.first,
    });
    this.#prompt = prompt;
    try {
      if (out.isTTY) this.#welcome(prompt, history.length > 0);
      for (let line = await prompt.next(); line !== null; line = await prompt.next()) {
        await this.#take(line);
        if (this.#left || interrupts.first.aborted) break;
      }
    } finally {
      prompt.close();
    }
  }

  #welcome(prompt: Prompt, goes_on: boolean): void {
    const before = goes_on ? "The conversation goes on from before, /new begins another; " : "";
    this.#say(this.#dim(`${before}/help lists what can be done, Ctrl-D leaves`));
    void this.#greet(prompt);
  }

  async #greet(prompt: Prompt): Promise<void> {
    const greeting = await fetchGreeting(this.#talk, this.#session);
    if (greeting && !this.#left) prompt.above(`${greetingLines(greeting, this.#drawing).join("\n")}\n\n`);
  }

  async #take(line: string): Promise<void> {
    const typed = parseLine(line);
    if (typed.what === "nothing") return;
    if (typed.what === "unknown") return this.#say(`There is no /${safeText(typed.name)}; /help lists what there is`);
    if (typed.what === "command") return this.#try(typed.name, typed.argument);
    await this.#answer((signal) => this.#conversation.ask(typed.text, this.#manner, signal));
  }

  /** What cannot be done ends no chat. */
  async #try(name: CommandName, argument: string): Promise<void> {
    try {
      await this.#do(name, argument);
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      this.#say(this.#drawing.paint("red", safeText(error.message)));
    }
  }

  async #do(name: CommandName, argument: string): Promise<void> {
    if (name === "quit") this.#left = true;
    if (name === "help") this.#help();
    if (name === "cancel") this.#say("No answer is coming");
    if (name === "new") this.#goTo(`s-${randomBytes(6).toString("hex")}`);
    if (name === "session") await this.#sessions(argument);
    if (name === "sources") this.#sources();
    if (name === "rag") this.#rag(argument);
    if (name === "retry") {
      const retried = await this.#answer((signal) => this.#conversation.retry(signal));
      if (!retried) this.#say("There is nothing to try again: only an answer that failed, and where that may help");
    }
  }

  /** Does something that Ctrl-C and `/cancel` end. */
  #answer<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const cancelling = new AbortController();
    return this.#prompt!.during(
      () => cancelling.abort(),
      () => work(cancelling.signal),
    );
  }

  #help(): void {
    const rows = Object.entries(COMMANDS).map(([name, what]) => `  ${`/${name}`.padEnd(10)} ${what}`);
    this.#say([...rows, "  A question that begins with a slash: put a space before it"].join("\n"));
  }

  #goTo(session_id: string): void {
    this.#manner.session_id = session_id;
    this.#say(this.#dim(`Conversation ${session_id}`));
  }

  async #sessions(wanted: string): Promise<void> {
    if (wanted !== "" && !isId(wanted)) return this.#say(`"${safeText(wanted)}" is no id of a conversation`);
    if (wanted !== "") return this.#goTo(wanted);
    this.#context.out.write(await sessionsText(this.#talk.access, this.#session, this.#drawing.paint));
  }

  #sources(): void {
    const { answer } = this.#conversation;
    if (!answer || answer.sources.length === 0) return this.#say("The last answer has no sources");
    this.#say(passageTexts(answer.sources, this.#drawing).join("\n"));
  }

  #rag(argument: string): void {
    if (argument !== "" && argument !== "on" && argument !== "off") return this.#say("It is /rag on or /rag off");
    if (argument !== "") this.#manner.rag = argument === "on";
    this.#say(this.#dim(`Documents and events are ${this.#manner.rag ? "" : "not "}looked into`));
  }

  get #session(): string {
    return this.#manner.session_id ?? this.#talk.user_id;
  }

  #dim(text: string): string {
    return this.#drawing.paint("dim", text);
  }

  #say(text: string): void {
    this.#context.out.write(`${text}\n`);
  }
}
