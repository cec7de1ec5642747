import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** A language model's server that does as it is told. */
export interface ScriptedLlm {
  url: string;
  /** What it was asked, in order. */
  asked: Record<string, unknown>[];
  stop(): Promise<void>;
}

/** How an answer goes: it is written to the response, which has begun. */
export type Script = (response: ServerResponse, count: number) => unknown;

/** Starts one; `count` is the request's number, from 1. */
export async function startScriptedLlm(script: Script): Promise<ScriptedLlm> {
  const asked: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const count = asked.push((await json(request)) as Record<string, unknown>);
    response.writeHead(200, { "content-type": "text/event-stream" });
    await script(response, count);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Events that add to a message. */
export const adds = (...deltas: object[]): string =>
  deltas.map((delta) => `data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`).join("");

/** Events that add words. */
export const says = (...words: string[]): string => adds(...words.map((content) => ({ content })));

/** Why it ended, its tokens and the end. */
export const ends = (finish_reason = "stop"): string => {
  const finished = { choices: [{ delta: {}, finish_reason }] };
  const counted = { choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } };
  return `data: ${JSON.stringify(finished)}\n\ndata: ${JSON.stringify(counted)}\n\ndata: [DONE]\n\n`;
};

/** Breaks off after what was written has left. */
export const breaks =
  (said: string): Script =>
  (response) =>
    void response.write(`: begins\n\n${said}`, () => response.destroy());
