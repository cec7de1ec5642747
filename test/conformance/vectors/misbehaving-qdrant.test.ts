import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { openVectors, type VectorStore } from "@gatehouse/store";
import { expect, onTestFinished, test } from "vitest";

/** A client of a server that answers like this, whatever it is asked. */
async function clientOf(answer: RequestListener): Promise<VectorStore> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const store = openVectors({ home: "", qdrant_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  onTestFinished(async () => {
    await store.close();
    server.close();
    server.closeAllConnections();
  });
  return store;
}

const saying =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);
const down = { code: "VECTORS_DOWN", retry: "later", dependency: "vectors" };
const point = { id: "a", vector: Float32Array.of(1, 0), scope: "document", collection: "documents" };
const search = { limit: 5, scopes: ["document"], collection: null };

test.each<[string, RequestListener]>([
  ["that fails", saying(500, "panicked")],
  ["that wants a key", saying(401, "Must provide an API key")],
  ["that is another one", saying(200, "<html>welcome</html>")],
  ["that answers without sense", saying(200, '{"status":"ok","result":{"points":[{"score":"high"}],"count":"many"}}')],
  ["that answers null", saying(200, "null")],
  ["that says it did not go well", saying(200, '{"status":{"error":"no"},"result":{}}')],
  ["that sends elsewhere", saying(302, "", { location: "http://127.0.0.1:9/" })],
  ["that hangs up", (request) => void request.socket.destroy()],
  [
    "that hangs up half way",
    (_, response) => void response.writeHead(200, { "content-length": "99" }).write("{", () => response.destroy()),
  ],
])("a Qdrant %s is vectors that are down, in every call", async (_, answer) => {
  const store = await clientOf(answer);
  await expect(store.upsert("s", [point])).rejects.toMatchObject(down);
  await expect(store.search("s", point.vector, search)).rejects.toMatchObject(down);
  await expect(store.count("s")).rejects.toMatchObject(down);
});

test("a Qdrant that never answers is left when the caller gives up, and when the client is closed", async () => {
  const asked = Promise.withResolvers<void>();
  const store = await clientOf(() => asked.resolve());
  const caller = new AbortController();
  const both = Promise.allSettled([
    store.search("s", point.vector, { ...search, signal: caller.signal }).finally(() => store.close()),
    store.count("s"),
  ]);
  await asked.promise;
  caller.abort(new Error("not wanted any more"));
  expect(await both).toMatchObject([{ reason: { message: "not wanted any more" } }, { reason: down }]);
});
