import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as timer } from "node:timers/promises";
import { askedFor, textOf, VOICES, type Voice, voiceOf, wordsOf } from "./recital.ts";

/** One message of a request, as it came. */
export interface WireMessage {
  role: string;
  content: string;
}

/** What the model was asked, once per request. */
export interface Asked {
  /** Of the question; null when it asked for no recital. */
  key: string | null;
  /** Characters that were said before. */
  said: number;
  /** Keys of the turns before, oldest first; null where question and answer do not belong together, or are not whole. */
  history: (string | null)[];
  /** What was said before is no beginning of an answer. */
  is_foreign: boolean;
}

export interface RecitingLlmOptions {
  port?: number;
  voice: Voice;
  tokens_per_s: number;
  onAsked?: (asked: Asked, messages: readonly WireMessage[]) => void;
  /** What it says where it is asked for something else than a recital. */
  otherwise?: (messages: readonly WireMessage[]) => string;
}

export interface RecitingLlm {
  url: string;
  stop(): Promise<void>;
}

/** Of an answer that breaks off, so much is said. */
const BEGINNING = 0.2;

interface Reciting extends RecitingLlmOptions {
  /** How often it has failed a question, by its key. */
  failed: Map<string, number>;
}

/**
 * A model server behind OpenAI's protocol that says to the same question the same words, and goes on with what was said. A
 * question that is to fail is failed so often by each life of it: by "a" in the middle, by "b" without a word.
 */
export async function startRecitingLlm(options: RecitingLlmOptions): Promise<RecitingLlm> {
  const reciting = { ...options, failed: new Map<string, number>() };
  const server = createServer(
    (request, response) => void answer(reciting, request, response).catch(() => response.destroy()),
  );
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => stop(server) };
}

async function stop(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

async function answer(options: Reciting, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  if (request.method === "GET") {
    response.end(JSON.stringify({ object: "list", data: [{ id: options.voice, object: "model" }] }));
    return;
  }
  const { messages } = JSON.parse(Buffer.concat(pieces).toString()) as { messages: WireMessage[] };
  const { asked, words, failures } = reply(messages, options);
  options.onAsked?.(asked, messages);
  const failed = options.failed.get(asked.key ?? "") ?? 0;
  if (asked.key === null || failed >= failures) return speak(words, options, response);
  options.failed.set(asked.key, failed + 1);
  if (options.voice === "b") return speak([], options, response);
  await say(words.slice(0, words.length * BEGINNING), options, response);
  await new Promise((resolve) => response.write(": it breaks off here\n\n", resolve)); // what was said has left
  response.destroy();
}

/** What is asked, and the words that are still to be said. */
function reply(
  messages: readonly WireMessage[],
  { voice: own, otherwise = () => "Yes." }: RecitingLlmOptions,
): { asked: Asked; words: string[]; failures: number } {
  const goes_on = messages.at(-1)?.role === "assistant";
  const said = goes_on ? messages.at(-1)!.content : "";
  const turns = messages.slice(0, goes_on ? -1 : undefined).filter(({ role }) => role !== "system");
  const recital = askedFor(turns.at(-1)?.content ?? "");
  if (!recital) {
    const words = otherwise(messages).match(/\s*\S+/g) ?? [];
    return { asked: { key: null, said: said.length, history: [], is_foreign: false }, words, failures: 0 };
  }
  const voice = said === "" ? own : voiceOf(recital, said);
  const asked = { key: recital.key, said: said.length, history: historyOf(turns.slice(0, -1)), is_foreign: !voice };
  const words = voice ? after(said, wordsOf(recital, voice)) : [" <what was said before is not mine>"];
  return { asked, words, failures: recital.failures ?? 0 };
}

/** The words after what was said, which may end within one. */
function after(said: string, words: readonly string[]): string[] {
  let left = said.length;
  return words.flatMap((word) => {
    const rest = word.slice(Math.min(left, word.length));
    left = Math.max(0, left - word.length);
    return rest === "" ? [] : [rest];
  });
}

function historyOf(turns: readonly WireMessage[]): (string | null)[] {
  const keys: (string | null)[] = [];
  for (let i = 0; i < turns.length; i += 2) {
    const recital = askedFor(turns[i]!.content);
    const text = turns[i + 1]?.content;
    keys.push(recital && VOICES.some((voice) => textOf(recital, voice) === text) ? recital.key : null);
  }
  return keys;
}

async function speak(words: readonly string[], options: RecitingLlmOptions, response: ServerResponse): Promise<void> {
  const { voice } = options;
  await say(words, options, response);
  response.write(event({ model: voice, choices: [{ delta: {}, finish_reason: "stop" }] }));
  const usage = { prompt_tokens: 1, completion_tokens: words.length, total_tokens: words.length + 1 };
  response.end(`${event({ model: voice, choices: [], usage })}data: [DONE]\n\n`);
}

async function say(words: readonly string[], { voice, tokens_per_s }: RecitingLlmOptions, response: ServerResponse) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const begin_ms = performance.now();
  for (const [i, word] of words.entries()) {
    const wait_ms = begin_ms + (i * 1_000) / tokens_per_s - performance.now();
    if (wait_ms > 1) await timer(wait_ms);
    if (response.destroyed) return;
    response.write(event({ model: voice, choices: [{ delta: { content: word } }] }));
  }
}

const event = (body: object): string => `data: ${JSON.stringify(body)}\n\n`;
