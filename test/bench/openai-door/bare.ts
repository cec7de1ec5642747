import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { Pool } from "undici";
import { serve } from "../measure/actor.ts";

/** A proxy that passes bytes on: no keys, limits, checks or bounds. */
async function start({ url }: { url: string }): Promise<string> {
  const pool = new Pool(url, { connections: 65, pipelining: 1 });
  const server = createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    const answer = await pool.request({
      method: method as "POST",
      path: path!,
      headers: { "content-type": headers["content-type"]!, "content-length": headers["content-length"]! },
      body: request,
    });
    response.writeHead(answer.statusCode, { "content-type": String(answer.headers["content-type"]) });
    await pipeline(answer.body, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
