import type { FastifyInstance, FastifyRequest } from "fastify";
import { type Detection, Detector } from "../detector/detector.ts";
import { decodePicture } from "../detector/picture.ts";
import { PicturePool } from "../detector/picture-pool.ts";
import { ImageMissingError, UnsupportedMediaError } from "../errors.ts";
import { failAsSwitched, goneSignal } from "../failing.ts";
import type { DoorFailures } from "../failures.ts";
import { answerError } from "./answer-error.ts";
import type { DoorParts } from "./door-parts.ts";
import { readForm } from "./read-form.ts";

/** Largest picture that is taken. */
export const maxImageBytes = 8 * 1024 * 1024;

const detectorVersion = "1";

/** What was sent to `/detect`. */
interface Sent {
  image: Uint8Array;
  source: string | undefined;
}

/**
 * `POST /detect`: a multipart form with a part `image` or `file` and an optional field `source`, or a bare image with
 * `?source=`. Answers `{ detections, model, version, backend, image: { width, height }, infer_ms }`.
 */
export async function detectDoor(app: FastifyInstance, { failures, random }: DoorParts): Promise<void> {
  const detector = new Detector();
  const pool = new PicturePool();
  app.setErrorHandler((error: Error, _request, reply) => answerError(error, reply));
  app.addContentTypeParser(/^image\//, { parseAs: "buffer", bodyLimit: maxImageBytes }, (_request, body, done) =>
    done(null, body),
  );
  app.post("/detect", async (request, reply) => {
    const { zero_cost } = failures.detect;
    const sent = await readSent(request);
    if (!(await failAsSwitched(failures.detect, reply, { random, signal: goneSignal(reply) }))) return reply;
    if (zero_cost !== false) return zeroCostAnswer(zero_cost);
    const begun = performance.now();
    const picture = await decodePicture(sent.image, pool);
    const detections = detector.detect(picture, sent.source);
    pool.give(picture);
    return {
      ...heading(detectorVersion),
      detections,
      image: picture.sent,
      infer_ms: Math.round((performance.now() - begun) * 100) / 100,
    };
  });
}

function heading(version: string): object {
  return { model: "reference-detector", version, backend: "reference" };
}

function zeroCostAnswer(box: Exclude<DoorFailures["zero_cost"], false>): object {
  const detections: Detection[] = box === true ? [] : [{ class: "person", confidence: 0.99, bbox: box }];
  return { ...heading("zero-cost"), detections, image: null, infer_ms: 0 };
}

async function readSent(request: FastifyRequest): Promise<Sent> {
  if (request.isMultipart()) return readSentForm(request);
  if (!Buffer.isBuffer(request.body))
    throw new UnsupportedMediaError(
      `Cannot detect as content-type must be multipart/form-data or image/*: current value is "${request.headers["content-type"] ?? ""}"`,
    );
  if (request.body.length === 0)
    throw new ImageMissingError("Cannot detect as the body must be an image: current length is 0");
  return { image: request.body, source: sourceOf((request.query as Record<string, unknown>).source) };
}

async function readSentForm(request: FastifyRequest): Promise<Sent> {
  const { files, texts } = await readForm(request, maxImageBytes);
  const image = files.get("image") ?? files.get("file");
  if (!image?.length) throw new ImageMissingError('Cannot detect as the form must have a part "image" or "file"');
  return { image, source: sourceOf(texts.get("source")) };
}

function sourceOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, 256) : undefined;
}
