import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Takes spans and forgets them, so that tracing does all of its work. */
export async function startOtlpSink(): Promise<{ url: string; posts(): number; stop(): void }> {
  let posts = 0;
  const server = createServer((request, response) => {
    posts++;
    request.resume().on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    posts: () => posts,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
