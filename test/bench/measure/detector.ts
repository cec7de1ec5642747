import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "./actor.ts";

const ANSWER = JSON.stringify({ detections: [], model: "zero-cost", version: "1" });

/** A detector that looks at nothing: it reads the picture and sees nothing. */
async function start(): Promise<string> {
  const server = createServer((request, response) => {
    const answer = (): void => void response.writeHead(200, { "content-type": "application/json" }).end(ANSWER);
    request.resume().on("end", answer);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
