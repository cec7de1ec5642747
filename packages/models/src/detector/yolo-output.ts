import type { Fault } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";
import type { FoundObject } from "./detector.ts";
import type { Place, Size } from "./letterbox.ts";
import { type Candidate, dropOverlaps } from "./nms.ts";
import { assertBox, boxInPicture, scoreOf } from "./yolo-box.ts";

/** What a YOLO model gave for one picture. */
export interface YoloOutput {
  /** `[1, 300, 6]` or `[1, 4 + labels, anchors]` */
  shape: readonly number[];
  data: Float32Array;
}

/** How an output is read. */
export interface YoloReading {
  /** Labels by class number. */
  labels: readonly string[];
  /** Boxes below this confidence (0..1) are left out. */
  min_confidence: number;
  /** Of two boxes of one label that overlap more than this (IoU, 0..1) one is left out; classic outputs only. */
  max_overlap: number;
  /** The model's input in pixels, and where the picture lies in it. */
  input: Size;
  place: Place;
  fault: Fault;
}

/** The most objects of one picture, as YOLO's own end-to-end outputs have. */
const MOST_FOUND = 300;

/**
 * Reads a YOLO model's output, in pixels of its input, as objects of the picture, the most confident first.
 * End to end, `[1, 300, 6]`: rows of x1, y1, x2, y2, score, class. Classic, `[1, 4 + labels, anchors]`: columns of
 * cx, cy, w, h and a score per label; overlaps are dropped. Boxes are clipped; one wholly in the padding is no object.
 * @throws {ModelAnswerError} for another shape, a score that is not 0..1, an unknown class, and a box that is no number, turned over or wholly outside the input
 */
export function readYoloOutput(output: YoloOutput, reading: YoloReading): FoundObject[] {
  const candidates = candidatesOf(output, reading);
  for (const candidate of candidates) assertBox(candidate, reading);
  const endToEnd = isEndToEnd(output);
  const max_overlap = endToEnd ? 1 : reading.max_overlap;
  const kept = dropOverlaps(candidates, { max_overlap, most: MOST_FOUND });
  return kept.flatMap((candidate) => foundObject(candidate, reading));
}

const isEndToEnd = ({ shape }: YoloOutput): boolean => shape[2] === 6;

function candidatesOf(output: YoloOutput, reading: YoloReading): Candidate[] {
  const { shape, data } = output;
  const [batch, rows = 0, columns = 0] = shape;
  const wanted = 4 + reading.labels.length;
  const known = shape.length === 3 && batch === 1 && (isEndToEnd(output) || rows === wanted);
  if (!known || rows * columns !== data.length)
    throw reading.fault(
      ModelAnswerError,
      `the output's shape must be [1,300,6] or [1,${wanted},anchors] for ${reading.labels.length} labels: current shape is [${shape.join()}] with ${data.length} values`,
    );
  return isEndToEnd(output) ? rowsOf(data, reading) : anchorsOf(data, columns, reading);
}

function rowsOf(data: Float32Array, { labels, min_confidence, fault }: YoloReading): Candidate[] {
  const candidates: Candidate[] = [];
  for (let at = 0; at < data.length; at += 6) {
    const confidence = scoreOf(data[at + 4]!, fault);
    if (confidence < min_confidence) continue;
    const label = data[at + 5]!;
    if (!Number.isInteger(label) || label < 0 || label >= labels.length)
      throw fault(ModelAnswerError, `a class must be 0..${labels.length - 1}: current value is ${label}`);
    const [x1, y1, x2, y2] = data.subarray(at, at + 4) as unknown as [number, number, number, number];
    candidates.push({ x1, y1, x2, y2, confidence, label });
  }
  return candidates;
}

function anchorsOf(data: Float32Array, anchors: number, { labels, min_confidence, fault }: YoloReading): Candidate[] {
  const candidates: Candidate[] = [];
  for (let at = 0; at < anchors; at++) {
    let label = 0;
    let confidence = -1;
    for (let each = 0; each < labels.length; each++) {
      const score = scoreOf(data[(4 + each) * anchors + at]!, fault);
      if (score <= confidence) continue;
      confidence = score;
      label = each;
    }
    if (confidence < min_confidence) continue;
    const [cx, cy, w, h] = [0, 1, 2, 3].map((row) => data[row * anchors + at]!) as [number, number, number, number];
    candidates.push({ x1: cx - w / 2, y1: cy - h / 2, x2: cx + w / 2, y2: cy + h / 2, confidence, label });
  }
  return candidates;
}

function foundObject(candidate: Candidate, { labels, place }: YoloReading): FoundObject[] {
  const box = boxInPicture(candidate, place);
  return box ? [{ label: labels[candidate.label]!, confidence: candidate.confidence, box }] : [];
}
