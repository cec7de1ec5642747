import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "../measure/actor.ts";
import { ANSWER_TOKENS, TOKEN } from "./wire.ts";

const EVENT = `data: ${JSON.stringify({ model: "m", choices: [{ delta: { content: TOKEN } }] })}\n\n`;
const DONE = 'data: {"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":64}}\n\ndata: [DONE]\n\n';

/** A language model that does not think: the first token at once, the others in the turns after it. */
async function start(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on("end", async () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (let n = 0; n < ANSWER_TOKENS; n++) {
        response.write(EVENT);
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end(DONE);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
