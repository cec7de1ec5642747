import { type Captioner, createCaptioner, type Picture } from "@gatehouse/models";
import { expect, test } from "vitest";
import { picture } from "../../harness/pictures.ts";
import { keepsThePromises, type Promised, staysTyped } from "./client.conformance.ts";
import { configured } from "./configured.ts";
import { withServer } from "./with-server.ts";

const signal = new AbortController().signal;
const scene: Picture = { bytes: await picture(1), media_type: "image/jpeg", width: 640, height: 480 };

const open = withServer("florence", ({ url }, timeout_ms) =>
  createCaptioner(configured("captioner", [{ kind: "florence", url, timeout_ms }]), { first_delay_ms: 1 }),
);

test("describe() tells in a sentence what is there, in detail more of it, and who says so", async () => {
  const { client, stop } = await open();
  const brief = await client.describe(scene, { signal });
  const detailed = await client.describe(scene, { signal, detail: "detailed" });
  await stop();
  expect(brief.text).toMatch(/person/);
  expect(detailed.text).toMatch(/person/);
  expect(detailed.text).toContain("640 x 480");
  expect(detailed.text.length).toBeGreaterThan(brief.text.length);
  expect(brief.model).toEqual({ name: "reference-florence", version: "1", backend: "reference" });
});

test("describe() refuses what is no picture, for good, and goes on", async () => {
  const { client, stop } = await open();
  const broken = { ...scene, bytes: Buffer.from("no picture at all") };
  await expect(client.describe(broken, { signal })).rejects.toMatchObject({ code: "MODEL_REFUSED", retry: "never" });
  await client.describe(scene, { signal });
  await stop();
});

const describing: Promised<Captioner> = {
  name: "describe()",
  open,
  ask: (captioner, asking) => captioner.describe(scene, { signal: asking }),
  prefix: "CAPTIONER",
  dependency: "captioner",
};
keepsThePromises(describing);
staysTyped(describing);
