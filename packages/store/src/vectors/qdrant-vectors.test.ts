import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { QdrantVectors } from "./qdrant-vectors.ts";

/** A server that answers what is asked of it like this, and what it was asked. */
async function serverOf(answer: (asked: string) => object): Promise<{ place: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    response.end(JSON.stringify({ result: answer(`${request.method} ${request.url}`), status: "ok" }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  return { place: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("QdrantVectors sends the password of its URL as the key, and nowhere else", async () => {
  const { place, asked } = await serverOf(() => ({ collections: [] }));
  for (const url of [`http://:a%20key@${place}/`, `http://${place}`]) {
    const vectors = new QdrantVectors(url);
    await vectors.probe(AbortSignal.timeout(10_000));
    await vectors.close();
  }
  expect(asked.map(({ url, headers }) => [url, headers["api-key"], headers.authorization])).toEqual([
    ["/collections", "a key", undefined],
    ["/collections", undefined, undefined],
  ]);
});

test.each([
  ["nowhere", /must be a URL/],
  ["http://:50%@127.0.0.1", /must be percent-encoded/],
])("QdrantVectors tells with the first call what is wrong with the URL %s", async (url, message) => {
  const vectors = new QdrantVectors(url);
  await expect(vectors.count("some")).rejects.toMatchObject({
    code: "VECTORS_DOWN",
    message: expect.stringMatching(message),
  });
});

test("QdrantVectors makes the indexes of a set that was begun and left without them, once", async () => {
  const { place, asked } = await serverOf(() => ({ config: { params: { vectors: { size: 2 } } } }));
  const vectors = new QdrantVectors(`http://${place}`);
  const point = { id: "a", vector: Float32Array.of(1, 0), scope: "document", collection: "documents" };
  for (let n = 0; n < 2; n++) await vectors.upsert("s", [point]);
  await vectors.close();
  const calls = asked.map(({ method, url }) => `${method} ${url!.replace("/collections/gatehouse_s", "")}`);
  const index = "PUT /index?wait=true";
  const write = "PUT /points?wait=true";
  expect(calls).toEqual(["GET ", index, index, write, write]);
});

test("QdrantVectors gives up what it writes to a server that hangs long before what it asks", async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const vectors = new QdrantVectors(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const ended: string[] = [];
  const note = (what: string, call: Promise<unknown>) =>
    call.catch(({ code }: { code: string }) => void ended.push(`${what} ${code}`));
  const asked = note("count", vectors.count("s"));
  const point = { id: "a", vector: Float32Array.of(1, 0), scope: "document", collection: "documents" };
  await Promise.all([note("write", vectors.upsert("s", [point])), note("write", vectors.remove("s", ["a"]))]);
  expect(ended).toEqual(["write VECTORS_DOWN", "write VECTORS_DOWN"]);
  await vectors.close();
  await asked;
});
