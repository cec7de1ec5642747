import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { isPortFree } from "./free-port.ts";
import { freePort } from "./mod.ts";

test("freePort() gives a port on which a server can listen, below the kernel's outgoing range", async () => {
  const port = await freePort();
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(32_768);
  expect(await isPortFree(port)).toBe(true);
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  expect(await isPortFree(port)).toBe(false);
  server.close();
});
