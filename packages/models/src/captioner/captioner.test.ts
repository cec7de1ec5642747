import { expect, test } from "vitest";
import { staysCalm } from "../calling/misbehaving.testing.ts";
import { json, startTestServer } from "../calling/test-server.ts";
import { picture, startFlorence } from "../florence/test-florence.ts";
import { createCaptioner } from "../mod.ts";

const signal = new AbortController().signal;

test.each([
  [undefined, "<CAPTION>"],
  ["brief", "<CAPTION>"],
  ["detailed", "<DETAILED_CAPTION>"],
] as const)("describe() in detail %s asks for %s", async (detail, task) => {
  await using server = await startFlorence({ [task]: " A dog at a gate. ", model: "Florence-2-large" });
  const captioner = createCaptioner([{ kind: "florence", url: `${server.url}/vision` }]);
  const answer = await captioner.describe(picture, { signal, ...(detail ? { detail } : {}) });
  await captioner.close();
  expect(server.forms).toEqual([{ url: "/vision/predict", task, image: ["picture.png", "image/png"] }]);
  expect(answer).toEqual({
    text: "A dog at a gate.",
    model: { name: "Florence-2-large", version: "unknown", backend: "florence" },
  });
});

test("describe() goes past an entry that is down, and probe() is content with one that is well", async () => {
  await using server = await startFlorence({ "<CAPTION>": "A gate." });
  const urls = ["http://127.0.0.1:9", server.url];
  const captioner = createCaptioner(
    urls.map((url) => ({ kind: "florence" as const, url })),
    { tries: 1 },
  );
  expect((await captioner.describe(picture, { signal })).text).toBe("A gate.");
  await captioner.close();
});

test("probe() asks /health, and is content when there is no such path", async () => {
  let status = 404;
  await using server = await startTestServer((_, response) => json(response, {}, { status }));
  const captioner = createCaptioner([{ kind: "florence", url: server.url }]);
  await captioner.probe(signal);
  status = 503;
  await expect(captioner.probe(signal)).rejects.toMatchObject({ code: "CAPTIONER_DOWN", dependency: "captioner" });
  await captioner.close();
  expect(server.requests.map(({ url }) => url)).toEqual(["/health", "/health"]);
});

staysCalm({
  name: "describe()",
  async ask(url, { timeout_ms, calling }) {
    const captioner = createCaptioner([{ kind: "florence", url, timeout_ms }], calling);
    return captioner.describe(picture, { signal }).finally(() => captioner.close());
  },
  prefix: "CAPTIONER",
  action: "describe a picture at",
  dependency: "captioner",
  wrong: [
    ["no caption", {}, "<CAPTION> is missing"],
    ["another task's answer", { "<OCR>": "GATE" }, "<CAPTION> is missing"],
    ["an empty caption", { "<CAPTION>": "" }, "<CAPTION> must be text of 1..65536 characters"],
    ["a map", { "<CAPTION>": {} }, "<CAPTION> must be text"],
  ],
});
