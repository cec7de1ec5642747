import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { QdrantVectors } from "./qdrant-vectors.ts";

test("QdrantVectors sends the password of its URL as the key, and nowhere else", async () => {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    response.end('{"result":{"collections":[]},"status":"ok"}');
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const place = `127.0.0.1:${(server.address() as AddressInfo).port}`;
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

test("QdrantVectors tells of a URL that is none with the first call", async () => {
  const vectors = new QdrantVectors("nowhere");
  await expect(vectors.count("some")).rejects.toMatchObject({ code: "VECTORS_DOWN" });
});
