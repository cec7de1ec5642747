import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { modelAnswer } from "./model-answer.ts";

test("modelAnswer() tells of a server over HTTP and over TCP, and throws when nobody listens", async () => {
  const server = createServer((_, response) => response.writeHead(404).end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await modelAnswer(`http://${host}`)).toBe("answers (404)");
  expect(await modelAnswer(`tcp://${host}`)).toBe("takes connections");
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  for (const scheme of ["http", "tcp"]) await expect(modelAnswer(`${scheme}://${host}`)).rejects.toThrow();
});
