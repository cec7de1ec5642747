import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as timer } from "node:timers/promises";
import { serve } from "../measure/actor.ts";
import { machineMs } from "../measure/clock.ts";
import { TOKENS_PER_S, tokenAt, tokensAsked } from "./wire.ts";

/** A language model that says its first token at once and the others at a steady pace; each tells when it was said. */
async function start(): Promise<string> {
  const server = createServer(async (request, response) => {
    const body: Buffer[] = [];
    for await (const piece of request) body.push(piece as Buffer);
    if (request.method === "GET") return void response.end('{"data":[]}');
    await say(tokensAsked(Buffer.concat(body).toString()), response);
  });
  server.keepAliveTimeout = 600_000;
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function say(tokens: number, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const begin_ms = machineMs();
  for (let i = 0; i < tokens; i++) {
    const wait_ms = begin_ms + (i * 1_000) / TOKENS_PER_S - machineMs();
    if (wait_ms > 0) await timer(wait_ms);
    const content = tokenAt(i, machineMs());
    response.write(`data: ${JSON.stringify({ model: "bench", choices: [{ delta: { content } }] })}\n\n`);
  }
  const usage = { prompt_tokens: 8, completion_tokens: tokens };
  response.write(`data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }] })}\n\n`);
  response.end(`data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`);
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
