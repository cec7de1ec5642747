import { createOcr, type Ocr, type Picture } from "@gatehouse/models";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { isInstalled } from "../../harness/is-installed.ts";
import { keepsThePromises, type Promised, staysTyped } from "./client.conformance.ts";
import { configured } from "./configured.ts";
import { withServer } from "./with-server.ts";

const signal = new AbortController().signal;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="320"><rect width="100%" height="100%" fill="white"/>
  <g font-family="sans-serif" font-size="48"><text x="64" y="96">OPEN THE GATE</text><text x="320" y="256">at 42</text></g></svg>`;
const bytes = await sharp(Buffer.from(svg)).png().toBuffer();
const sign: Picture = { bytes, media_type: "image/png", width: 640, height: 320 };

const openServer = withServer("florence", ({ url }, timeout_ms) =>
  createOcr(configured("ocr", [{ kind: "florence", url, timeout_ms }]), { first_delay_ms: 1 }),
);

/** Tesseract takes its time where there is little of it. */
const open: typeof openServer = (options) => openServer({ timeout_ms: 50_000, ...options });

describe.skipIf(!isInstalled("tesseract"))("florence (needs tesseract)", () => {
  test("read() gives the lines of a sign and where they are, and says who read them", async () => {
    const { client, stop } = await open();
    const { lines, model } = await client.read(sign, { signal });
    await stop();
    expect(lines.map(({ text }) => text)).toEqual(["OPEN THE GATE", "at 42"]);
    for (const [at, [x, y]] of [[0.1, 0.2] as const, [0.5, 0.7] as const].entries()) {
      expect(lines[at]!.box.x).toBeCloseTo(x, 1);
      expect(lines[at]!.box.y).toBeCloseTo(y, 1);
    }
    expect(model).toEqual({ name: "reference-florence", version: "1", backend: "reference" });
  });

  test("read() refuses what is no picture, for good, and goes on", async () => {
    const { client, stop } = await open();
    const broken = { ...sign, bytes: Buffer.from("no picture at all") };
    await expect(client.read(broken, { signal })).rejects.toMatchObject({ code: "MODEL_REFUSED", retry: "never" });
    await client.read(sign, { signal });
    await stop();
  });

  const reading: Promised<Ocr> = {
    name: "read()",
    open,
    ask: (reader, asking) => reader.read(sign, { signal: asking }),
    prefix: "OCR",
    dependency: "ocr",
  };
  keepsThePromises(reading);
  staysTyped(reading);
});
