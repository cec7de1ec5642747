import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import { type ReferenceModels, startReferenceModels } from "../service.ts";
import { figure } from "../test-figure.ts";

const running: ReferenceModels[] = [];
const path = process.env.PATH;
afterEach(async () => {
  process.env.PATH = path;
  await Promise.all(running.splice(0).map((models) => models.stop()));
});

async function setup() {
  const models = await startReferenceModels();
  running.push(models);
  return async (task: string, image: Uint8Array | null) => {
    const form = new FormData();
    form.set("task", task);
    if (image) form.set("image", new Blob([new Uint8Array(image)]), "picture.jpg");
    const response = await fetch(`${models.url}/predict`, { method: "POST", body: form });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
}

const by = { model: "reference-florence", version: "1", backend: "reference" };
const plain = (background: string) =>
  sharp({ create: { width: 64, height: 48, channels: 3, background } })
    .png()
    .toBuffer();

test.each([
  ["#101010", "A dark picture, mostly black, with nothing that the detector knows."],
  ["#f0f0f0", "A bright picture, mostly white, with nothing that the detector knows."],
  ["#3250b4", "An evenly lit picture, mostly blue, with nothing that the detector knows."],
])("POST /predict tells of a plain picture of %s its light and colour", async (background, caption) => {
  const post = await setup();
  expect(await post("<CAPTION>", await plain(background))).toEqual({
    status: 200,
    body: { "<CAPTION>": caption, ...by },
  });
});

test("POST /predict tells what was measured of a figure: in short, in detail, and as a label", async () => {
  const post = await setup();
  const image = await figure();
  expect((await post("<CAPTION>", image)).body["<CAPTION>"]).toMatch(
    /^An evenly lit picture, mostly .*, with a person\.$/,
  );
  const detailed = (await post("<DETAILED_CAPTION>", image)).body["<DETAILED_CAPTION>"];
  expect(detailed).toMatch(
    /^An evenly lit picture of 640 x 480 pixels, mean brightness 1\d\d of 255\. Its colours are /,
  );
  expect(detailed).toMatch(/ The detector found a person at the middle centre\.$/);
  expect((await post("<REGION_TO_CATEGORY>", image)).body["<REGION_TO_CATEGORY>"]).toBe("person");
  expect((await post("<REGION_TO_CATEGORY>", await plain("#fff"))).body["<REGION_TO_CATEGORY>"]).toBe("unknown");
});

test.each([
  ["<OD>", true, 400, "BAD_REQUEST", "task must be <CAPTION> or <DETAILED_CAPTION> or"],
  ["", true, 400, "BAD_REQUEST", 'current value is ""'],
  ["<CAPTION>", false, 400, "IMAGE_MISSING", 'the form must have a part "image"'],
])("POST /predict refuses the task %j with a picture %s", async (task, has_picture, status, code, message) => {
  const post = await setup();
  const answer = await post(task, has_picture ? await plain("#fff") : null);
  expect(answer).toMatchObject({ status, body: { error: { code, message: expect.stringContaining(message) } } });
});

test("POST /predict refuses what is no picture, also when it is to be read", async () => {
  const post = await setup();
  for (const task of ["<CAPTION>", "<OCR>"])
    expect(await post(task, Buffer.from("no picture"))).toMatchObject({
      status: 422,
      body: { error: { code: "NOT_AN_IMAGE" } },
    });
});

test("POST /predict says that there is no reader of texts when tesseract is not installed", async () => {
  const post = await setup();
  process.env.PATH = "/nowhere";
  expect(await post("<OCR>", await plain("#fff"))).toMatchObject({
    status: 503,
    body: {
      error: {
        code: "PROGRAM_MISSING",
        message: 'Cannot run "tesseract" as it must be on PATH: there is no reader of texts; install tesseract-ocr',
      },
    },
  });
});
