import { expect, test } from "vitest";
import { staysCalm } from "../calling/misbehaving.testing.ts";
import { picture, startFlorence } from "../florence/test-florence.ts";
import { createOcr } from "../mod.ts";

const signal = new AbortController().signal;
const regions = (quad_boxes: unknown, labels: unknown) => ({ "<OCR_WITH_REGION>": { quad_boxes, labels } });

async function read(body: unknown) {
  await using server = await startFlorence(body);
  const reader = createOcr([{ kind: "florence", url: server.url }]);
  const answer = await reader.read(picture, { signal }).finally(() => reader.close());
  return { answer, forms: server.forms };
}

test("read() asks for texts with their places, and gives upright boxes in shares of the picture", async () => {
  const tilted = [20, 10, 60, 20, 60, 40, 20, 30];
  const edge = [190, 90, 210, 90, 210, 110, 190, 110];
  const body = { ...regions([tilted, edge], ["</s>MILK 42", " gate "]), model: "Florence-2-base" };
  const { answer, forms } = await read(body);
  expect(forms).toEqual([{ url: "/predict", task: "<OCR_WITH_REGION>", image: ["picture.png", "image/png"] }]);
  expect(answer).toEqual({
    model: { name: "Florence-2-base", version: "unknown", backend: "florence" },
    lines: [
      { text: "MILK 42", box: { x: 0.1, y: 0.1, w: 0.2, h: 0.3 } },
      { text: "gate", box: { x: 0.95, y: 0.9, w: expect.closeTo(0.05), h: expect.closeTo(0.1) } },
    ],
  });
});

test("read() gives no lines for a picture without text, and leaves out empty ones", async () => {
  expect((await read(regions([], []))).answer.lines).toEqual([]);
  expect((await read(regions([[0, 0, 9, 0, 9, 9, 0, 9]], ["</s>"]))).answer.lines).toEqual([]);
});

const corners = [20, 10, 60, 20, 60, 40, 20, 30];
staysCalm({
  name: "read()",
  async ask(url, { timeout_ms, calling }) {
    const reader = createOcr([{ kind: "florence", url, timeout_ms }], calling);
    return reader.read(picture, { signal }).finally(() => reader.close());
  },
  prefix: "OCR",
  action: "read a picture's text at",
  dependency: "ocr",
  wrong: [
    ["no regions", {}, "<OCR_WITH_REGION> is missing"],
    ["a text only", { "<OCR_WITH_REGION>": "GATE" }, "<OCR_WITH_REGION> must be a map"],
    ["a box too few", regions([], ["GATE"]), "each text must have a box: there are 0 boxes and 1 texts"],
    ["three corners", regions([corners.slice(2)], ["GATE"]), "<OCR_WITH_REGION>.quad_boxes[0] must be a list of 8"],
    ["null in a box", regions([[null, ...corners.slice(1)]], ["GATE"]), "quad_boxes[0][0] must be a number"],
    [
      "an infinite corner",
      '{"<OCR_WITH_REGION>":{"quad_boxes":[[1e999,0,0,0,0,0,0,0]],"labels":["GATE"]}}',
      "quad_boxes[0][0] must be a number",
    ],
    [
      "a box wholly outside",
      regions([[300, 0, 310, 0, 310, 9, 300, 9]], ["GATE"]),
      "quad_boxes[0] must lie in the picture of 200 x 100: current value is",
    ],
  ],
});
