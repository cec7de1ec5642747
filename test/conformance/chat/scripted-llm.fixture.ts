import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One message of a request, as it came. */
export interface WireMessage {
  role: string;
  content: string;
}

/** The words of the nth answer (from 0): as many as it yields before it ends, or before its reader goes away. */
export type Script = (
  messages: WireMessage[],
  n: number,
  gone: AbortSignal,
) => AsyncIterable<string> | Iterable<string>;

/** A model server over OpenAI's protocol that says what a test has it say, when the test wants it said. */
export interface ScriptedLlm {
  /** As `models.llm` has it. */
  readonly setting: string;
  /** Messages of each request. */
  readonly asked: WireMessage[][];
  /** Resolves when the reader of an answer went away before its end. */
  readonly left: Promise<void>;
  stop(): Promise<void>;
}

export async function startScriptedLlm(script: Script): Promise<ScriptedLlm> {
  const asked: WireMessage[][] = [];
  const left = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    void answer(request, response, { script, asked, onLeft: left.resolve }).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    setting: JSON.stringify([{ kind: "openai", url, model: "scripted" }]),
    asked,
    left: left.promise,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

interface Answering {
  script: Script;
  asked: WireMessage[][];
  onLeft(): void;
}

async function answer(request: IncomingMessage, response: ServerResponse, { script, asked, onLeft }: Answering) {
  const body: Buffer[] = [];
  for await (const piece of request) body.push(piece as Buffer);
  if (request.method === "GET") return response.end(JSON.stringify({ object: "list", data: [] }));
  const { messages } = JSON.parse(Buffer.concat(body).toString()) as { messages: WireMessage[] };
  const gone = new AbortController();
  response.once("close", () => {
    if (response.writableFinished) return;
    gone.abort();
    onLeft();
  });
  response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  const say = (choice: object) =>
    response.write(`data: ${JSON.stringify({ model: "scripted", choices: [choice] })}\n\n`);
  for await (const content of script(messages, asked.push(messages) - 1, gone.signal)) {
    if (!say({ delta: { content } })) await once(response, "drain", { signal: gone.signal }).catch(() => undefined);
    if (gone.signal.aborted) return;
  }
  say({ delta: {}, finish_reason: "stop" });
  return response.end("data: [DONE]\n\n");
}

/** What was said before, when a request asks to go on with an answer; null when it asks for a whole one. */
export function saidIn(messages: WireMessage[]): string | null {
  const last = messages.at(-1)!;
  return last.role === "assistant" ? last.content : null;
}

/** What is left to say of a text, word by word, behind what was said. */
export function* restOf(text: string, said: string | null): Generator<string> {
  yield* text.slice(said?.length ?? 0).match(/\s*\S+/g) ?? [];
}

/** Never: the model hangs until its reader goes away. */
export async function hang(gone: AbortSignal): Promise<void> {
  if (!gone.aborted) await once(gone, "abort");
}
