import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import type { DoorFailures } from "../failures.ts";
import { type ReferenceModels, startReferenceModels } from "../service.ts";
import { figure } from "../test-figure.ts";

interface Answer {
  detections: { class: string; confidence: number; bbox: { x: number; y: number; width: number; height: number } }[];
  model: string;
  version: string;
  backend: string;
  image: { width: number; height: number } | null;
  error: { code: string; message: string };
}

const running: ReferenceModels[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((models) => models.stop()));
});

async function setup(detect: Partial<DoorFailures> = {}) {
  const models = await startReferenceModels({ failures: { detect } });
  running.push(models);
  const read = async (response: Response) => ({ status: response.status, body: (await response.json()) as Answer });
  const send = async (body: string | Buffer | FormData, type?: string, query = "") =>
    read(
      await fetch(`${models.url}/detect${query}`, {
        method: "POST",
        body: body as string,
        ...(type ? { headers: { "content-type": type } } : {}),
      }),
    );
  const form = (bytes: Buffer, part = "image", source?: string) => {
    const data = new FormData();
    if (source !== undefined) data.set("source", source);
    data.set(part, new Blob([new Uint8Array(bytes)]), "picture.jpg");
    return data;
  };
  return { send, form };
}

test("POST /detect finds one person in pixels of the sent picture and says that it is a reference model", async () => {
  const { send, form } = await setup();
  const { status, body } = await send(form(await figure()));
  expect(status).toBe(200);
  expect(body).toMatchObject({ model: "reference-detector", backend: "reference", image: { width: 640, height: 480 } });
  expect(body.detections).toHaveLength(1);
  const { class: label, bbox } = body.detections[0]!;
  expect(label).toBe("person");
  for (const [seen, wanted] of [
    [bbox.x, 280],
    [bbox.y, 120],
    [bbox.width, 80],
    [bbox.height, 280],
  ] as const)
    expect(Math.abs(seen - wanted)).toBeLessThanOrEqual(6);
});

test("POST /detect takes a part called file, and a bare image with ?source=", async () => {
  const { send, form } = await setup();
  const bytes = await figure();
  expect((await send(form(bytes, "file", "gate"))).body.detections).toHaveLength(1);
  expect((await send(bytes, "image/jpeg", "?source=gate")).body.detections).toHaveLength(1);
});

test("POST /detect keeps sources apart", async () => {
  const { send } = await setup();
  const empty = await sharp({ create: { width: 640, height: 480, channels: 3, background: "#a8b2a0" } })
    .jpeg()
    .toBuffer();
  for (let n = 0; n < 3; n++) await send(empty, "image/jpeg", "?source=a");
  const other = await send(empty, "image/jpeg", "?source=b");
  const here = await send(await figure(), "image/jpeg", "?source=a");
  expect(other.body.detections).toEqual([]);
  expect(here.body.detections.map((found) => found.class)).toEqual(["person"]);
});

test("POST /detect refuses what is no form, no image, cut off, or too large, each with its code", async () => {
  const { send, form } = await setup();
  const refusal = async (sent: Promise<{ status: number; body: Answer }>) => {
    const { status, body } = await sent;
    return `${status} ${body.error.code}`;
  };
  const bytes = await figure();
  expect(await refusal(send("{}", "application/json"))).toBe("415 UNSUPPORTED_MEDIA");
  expect(await refusal(send("x", "application/x-unheard-of"))).toBe("415 UNSUPPORTED_MEDIA");
  expect(await refusal(send("no boundary", "multipart/form-data"))).toMatch(/^4(00|15) /);
  expect(await refusal(send(form(bytes, "elsewhere")))).toBe("400 IMAGE_MISSING");
  expect(await refusal(send(form(Buffer.from("this is no picture"))))).toBe("422 NOT_AN_IMAGE");
  expect(await refusal(send(form(bytes.subarray(0, bytes.length >> 1))))).toBe("422 NOT_AN_IMAGE");
  expect(await refusal(send(form(Buffer.alloc(8 * 1024 * 1024 + 1))))).toBe("413 BODY_TOO_LARGE");
  expect(await refusal(send(Buffer.alloc(8 * 1024 * 1024 + 1), "image/jpeg"))).toBe("413 BODY_TOO_LARGE");
});

test("POST /detect refuses more than 50 megapixels by the header alone", async () => {
  const { send, form } = await setup();
  const bomb = await sharp({ create: { width: 8000, height: 7000, channels: 3, background: "#000" } })
    .png()
    .toBuffer();
  const { status, body } = await send(form(bomb));
  expect(status).toBe(422);
  expect(body.error).toEqual({
    code: "TOO_MANY_PIXELS",
    message: "Cannot decode image as it must have at most 50000000 pixels: current size is 8000x7000",
  });
});

test("zero_cost answers without decoding, and says so", async () => {
  const { send, form } = await setup({ zero_cost: { x: 1, y: 2, width: 3, height: 4 } });
  const { body } = await send(form(Buffer.from("not even a picture")));
  expect(body).toMatchObject({ version: "zero-cost", image: null });
  expect(body.detections.map(({ bbox }) => bbox)).toEqual([{ x: 1, y: 2, width: 3, height: 4 }]);
});
