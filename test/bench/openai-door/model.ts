import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "../measure/actor.ts";
import { ANSWER_TOKENS, TOKEN } from "./wire.ts";

const event = (fields: object): string => `data: ${JSON.stringify({ id: "c", model: "m", ...fields })}\n\n`;
const ANSWER = [
  ...Array.from({ length: ANSWER_TOKENS }, () => event({ choices: [{ index: 0, delta: { content: TOKEN } }] })),
  event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
  event({ choices: [], usage: { prompt_tokens: 8, completion_tokens: ANSWER_TOKENS } }),
  "data: [DONE]\n\n",
].join("");

/** A language model that costs nothing: all of its answer at once. */
async function start(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, { "content-type": "text/event-stream" }).end(ANSWER));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
