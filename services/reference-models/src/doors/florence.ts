import type { FastifyInstance, FastifyRequest } from "fastify";
import { describeBriefly, describeInDetail } from "../describer/describe-picture.ts";
import { Detector } from "../detector/detector.ts";
import { decodePicture } from "../detector/picture.ts";
import { BadRequestError, ImageMissingError, UnsupportedMediaError } from "../errors.ts";
import { failAsSwitched, goneSignal } from "../failing.ts";
import { type ReadLine, readText } from "../reader/tesseract.ts";
import { answerError } from "./answer-error.ts";
import { maxImageBytes } from "./detect.ts";
import type { DoorParts } from "./door-parts.ts";
import { readForm } from "./read-form.ts";

const heading = { model: "reference-florence", version: "1", backend: "reference" };

/** What a task makes of a picture. */
type Task = (image: Buffer, signal: AbortSignal) => Promise<unknown>;

/**
 * `POST /predict`: a multipart form with the part `image` and a field `task`, answered as Florence-2's own post-processing
 * has it: `{ "<CAPTION>": "…" }`. Captions tell what was measured, texts are read by tesseract.
 */
export async function florenceDoor(app: FastifyInstance, { failures, random }: DoorParts): Promise<void> {
  const detector = new Detector();
  const tasks: Readonly<Record<string, Task>> = {
    "<CAPTION>": async (image) => withObjects(image, describeBriefly),
    "<DETAILED_CAPTION>": async (image) => withObjects(image, describeInDetail),
    "<REGION_TO_CATEGORY>": async (image) => withObjects(image, (_, found) => found[0]?.class ?? "unknown"),
    "<OCR>": async (image, signal) => (await linesOf(image, signal)).map(({ text }) => text).join("\n"),
    "<OCR_WITH_REGION>": async (image, signal) => regions(await linesOf(image, signal)),
  };
  app.setErrorHandler((error: Error, _request, reply) => answerError(error, reply));
  app.post("/predict", async (request, reply) => {
    const { image, task } = await readSent(request);
    const work = Object.hasOwn(tasks, task) ? tasks[task] : undefined;
    if (!work)
      throw new BadRequestError(
        `Cannot look at the picture as task must be ${Object.keys(tasks).join(" or ")}: current value is "${task}"`,
      );
    const signal = goneSignal(reply);
    if (!(await failAsSwitched(failures.florence, reply, { random, signal }))) return reply;
    return { [task]: await work(image, signal), ...heading };
  });

  async function withObjects(image: Buffer, tell: typeof describeBriefly): Promise<string> {
    const picture = await decodePicture(image);
    return tell(picture, detector.detect(picture));
  }
}

/** The decoder refuses what is no picture before tesseract sees it. */
async function linesOf(image: Buffer, signal: AbortSignal): Promise<ReadLine[]> {
  await decodePicture(image);
  return readText(image, signal);
}

/** Boxes of four corners, from the top left on, as Florence-2 has them. */
function regions(lines: readonly ReadLine[]): object {
  const corners = ({ x, y, width, height }: ReadLine["box"]) => [
    ...[x, y, x + width, y],
    ...[x + width, y + height, x, y + height],
  ];
  return { quad_boxes: lines.map(({ box }) => corners(box)), labels: lines.map(({ text }) => text) };
}

async function readSent(request: FastifyRequest): Promise<{ image: Buffer; task: string }> {
  if (!request.isMultipart())
    throw new UnsupportedMediaError("Cannot look at the picture as content-type must be multipart/form-data");
  const { files, texts } = await readForm(request, maxImageBytes);
  const image = files.get("image") ?? files.get("file");
  if (!image?.length) throw new ImageMissingError('Cannot look at the picture as the form must have a part "image"');
  return { image, task: texts.get("task") ?? "" };
}
