import { expect, test } from "vitest";
import { staysCalm } from "../calling/misbehaving.testing.ts";
import { picture, startFlorence } from "../florence/test-florence.ts";
import { createClassifier } from "../mod.ts";

const signal = new AbortController().signal;

test("classify() asks Florence-2 for the category of the whole picture, of which it does not say how sure it is", async () => {
  const category = "<s>garbage truck<loc_12><loc_0><loc_999><loc_640></s>";
  await using server = await startFlorence({ "<REGION_TO_CATEGORY>": category, model: "Florence-2-base" });
  const classifier = createClassifier([{ kind: "florence", url: server.url }]);
  const answer = await classifier.classify(picture, { signal });
  await classifier.close();
  expect(server.forms).toEqual([
    {
      url: "/predict",
      task: "<REGION_TO_CATEGORY>",
      text_input: "<loc_0><loc_0><loc_999><loc_999>",
      image: ["picture.png", "image/png"],
    },
  ]);
  expect(answer).toEqual({
    model: { name: "Florence-2-base", version: "unknown", backend: "florence" },
    labels: [{ label: "garbage truck", confidence: null }],
  });
});

staysCalm({
  name: "classify()",
  async ask(url, { timeout_ms, calling }) {
    const classifier = createClassifier([{ kind: "florence", url, timeout_ms }], calling);
    return classifier.classify(picture, { signal }).finally(() => classifier.close());
  },
  prefix: "CLASSIFIER",
  action: "classify a picture at",
  dependency: "classifier",
  wrong: [
    ["no label", {}, "<REGION_TO_CATEGORY> is missing"],
    ["marks only", { "<REGION_TO_CATEGORY>": "<s><loc_3></s>" }, "<REGION_TO_CATEGORY> must hold a label: it has none"],
    ["a list", { "<REGION_TO_CATEGORY>": ["car"] }, "<REGION_TO_CATEGORY> must be text"],
  ],
});
