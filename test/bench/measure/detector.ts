import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "./actor.ts";

const PERSON = { class: "person", confidence: 0.8, bbox: { x: 200, y: 120, width: 80, height: 240 } };
const ANSWERS = { nothing: [], person: [PERSON] } as const;
export type Finds = keyof typeof ANSWERS;

/** A detector that looks at nothing: it takes the request in unread, and always finds the same. */
async function start({ finds }: { finds: Finds }): Promise<string> {
  const body = JSON.stringify({ detections: ANSWERS[finds], model: "zero-cost", version: "1" });
  const server = createServer((request, response) => {
    const answer = (): void => void response.writeHead(200, { "content-type": "application/json" }).end(body);
    request.resume().on("end", answer);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
