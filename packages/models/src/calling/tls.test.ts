import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createDetector } from "../mod.ts";
import { selfSigned } from "./self-signed.testing.ts";

const signal = new AbortController().signal;
const picture = { bytes: Uint8Array.of(1), media_type: "image/webp", width: 1, height: 1 };

test("a certificate that does not verify is a server that cannot be used: said so, asked once, sent nothing", async () => {
  let [connections, requests] = [0, 0];
  const server = createServer(selfSigned(), () => requests++);
  server.on("connection", () => connections++);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const detector = createDetector([{ kind: "http-detect", url }]);
  const down = {
    code: "DETECTOR_DOWN",
    message: expect.stringContaining('its certificate must verify: current state is "DEPTH_ZERO_SELF_SIGNED_CERT"'),
    facts: { certificate: "DEPTH_ZERO_SELF_SIGNED_CERT" },
  };
  await expect(detector.detect(picture, { signal })).rejects.toMatchObject(down);
  expect([connections, requests]).toEqual([1, 0]);
  await expect(detector.probe(signal)).rejects.toMatchObject(down);
  await detector.close();
  server.close();
});
