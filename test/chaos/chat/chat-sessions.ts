import { adoptKey } from "@gatehouse/store";
import { ChatClient } from "../../harness/chat-client.ts";
import { askFor } from "../../harness/recital.ts";
import type { World } from "../../harness/world.ts";
import type { AcceptedQuestion } from "./chat-story.ts";

const AGAIN_MS = 100;
const PATIENCE_MS = 60_000;
/** Every so many questions one fails before it is answered, once or twice. */
const FAILING_EVERY = 5;
/** Turns of a session that are asked for before the first of them is answered. */
const AHEAD = 2;

export interface ChatSessionsOptions {
  answers: number;
  sessions: number;
  tokens: number;
  /** HTTP doors of the gateways. */
  gateway_urls: readonly string[];
}

/** People who chat: each asks in a session of its own, the next question before the last is answered, and follows every answer. */
export class ChatSessions {
  readonly #world: World;
  readonly #options: ChatSessionsOptions;
  readonly clients: ChatClient[] = [];
  readonly questions: AcceptedQuestion[] = [];
  /** Answers that were heard to their end. */
  done = 0;

  constructor(world: World, options: ChatSessionsOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Resolves when every question was asked, and every answer heard. */
  async run(): Promise<void> {
    const { sessions, answers } = this.#options;
    const turns = (session: number): number => Math.floor(answers / sessions) + (session < answers % sessions ? 1 : 0);
    await Promise.all(Array.from({ length: sessions }, (_, session) => this.#runSession(session, turns(session))));
  }

  /** The whole answer, as it is given any time later; null: it is not. */
  async whole(question: AcceptedQuestion): Promise<string | null> {
    const { state, response } = JSON.parse(await this.#request(question, "")) as { state?: string; response?: string };
    return state === "done" ? response! : null;
  }

  async stop(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.stop()));
  }

  async #runSession(session: number, turns: number): Promise<void> {
    const user_id = `u${session}`;
    await adoptKey(this.#world.db, keyOf(user_id), { role: "viewer", user_id, label: "chaos" });
    const urls = this.#options.gateway_urls.map((url) => `${url.replace(/^http/, "ws")}/ws`);
    const client = new ChatClient({ urls: session % 2 === 0 ? urls : urls.toReversed(), key: keyOf(user_id) });
    this.clients.push(client);
    const heard: Promise<void>[] = [];
    for (let turn = 0; turn < turns; turn++) {
      if (turn >= AHEAD) await heard[turn - AHEAD];
      const question = this.#question(session, turn);
      await (session % 2 === 0 ? client.ask(question.user_id, fieldsOf(question)) : this.#askOnBus(question));
      this.questions.push(question);
      heard.push(this.#hear(client, question));
    }
    await Promise.all(heard);
  }

  #question(session: number, turn: number): AcceptedQuestion {
    const recital = { key: `s${session}.${turn}`, tokens: this.#options.tokens, ...failuresOf(session + turn) };
    return { request_id: `r${session}-${turn}`, user_id: `u${session}`, session_id: `s${session}`, turn, recital };
  }

  /** Follows an answer to its end; where it failed for now, asks for it again. */
  async #hear(client: ChatClient, question: AcceptedQuestion): Promise<void> {
    const { request_id } = question;
    const followed = client.follow(request_id);
    for (let last = await followed.ended; last.type === "error" && last.retryable; last = await followed.ended) {
      client.expectMore(request_id);
      await this.#retry(question);
    }
    this.done++;
  }

  async #retry(question: AcceptedQuestion): Promise<void> {
    await this.#request(question, "/retry", { method: "POST" });
  }

  /**
   * Asks one gateway after the other for an answer until one takes the request. A retry that is refused is one whose first try
   * was taken, and the answer to it lost.
   */
  async #request({ request_id, user_id }: AcceptedQuestion, what: string, init: RequestInit = {}): Promise<string> {
    const { gateway_urls } = this.#options;
    const headers = { authorization: `Bearer ${keyOf(user_id)}` };
    const until_ms = Date.now() + PATIENCE_MS;
    for (let tries = 0; ; tries++) {
      const url = `${gateway_urls[tries % gateway_urls.length]}/api/chat/answers/${request_id}${what}`;
      const signal = AbortSignal.timeout(10_000);
      try {
        const response = await fetch(url, { ...init, headers, signal });
        const body = await response.text();
        if (response.status < 500) return body;
      } catch (error) {
        if (Date.now() > until_ms) throw error;
      }
      await sleep(AGAIN_MS);
    }
  }

  /** Publishes as often as it takes until the broker acknowledged it; the message id makes repeats harmless. */
  async #askOnBus(question: AcceptedQuestion): Promise<void> {
    const subject = `ai.chat.user.${question.user_id}.message`;
    const body = Buffer.from(JSON.stringify(fieldsOf(question)));
    const options = { id: `${question.user_id}.${question.request_id}`, timeout_ms: 3_000 };
    while (!(await this.#world.bus.publish(subject, body, options).catch(() => null))) await sleep(AGAIN_MS);
  }
}

const failuresOf = (n: number): { failures?: number } => (n % FAILING_EVERY === 0 ? { failures: 1 + (n % 2) } : {});

const keyOf = (user_id: string): string => `gh_${user_id.padStart(43, "k")}`;

const fieldsOf = ({ request_id, session_id, recital }: AcceptedQuestion) => ({
  request_id,
  session_id,
  message: askFor(recital),
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
