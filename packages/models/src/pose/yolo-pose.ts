import { shown } from "../calling/faults.ts";
import { type Candidate, dropOverlaps } from "../detector/nms.ts";
import { assertBox, boxInPicture, scoreOf } from "../detector/yolo-box.ts";
import type { YoloOutput, YoloReading } from "../detector/yolo-output.ts";
import { ModelAnswerError } from "../errors.ts";
import { JOINT_NAMES } from "./joint-names.ts";
import type { Body, Joint } from "./pose.ts";

/** How a pose output is read: as a detector's, of one label. */
type PoseReading = Omit<YoloReading, "labels">;

/** Numbers of a joint: x, y, confidence. */
const EACH = 3;
const JOINTS = JOINT_NAMES.length * EACH;
/** x1, y1, x2, y2, score, class, joints */
const ROW = 6 + JOINTS;
/** cx, cy, w, h, score, joints */
const COLUMN = 5 + JOINTS;
/** The most bodies of one picture, as YOLO's own end-to-end outputs have. */
const MOST_FOUND = 300;

/** A body that a model proposes. */
interface Proposed extends Candidate {
  /** Number `n` of its joints' numbers. */
  joint: (n: number) => number;
}

/**
 * Reads a YOLO pose model's output, in pixels of its input, as bodies of the picture, the most confident first.
 * End to end, `[1, 300, 57]`: rows of x1, y1, x2, y2, score, class and 17 times x, y, confidence. Classic,
 * `[1, 56, anchors]`: columns of cx, cy, w, h, score and the same; overlaps are dropped.
 * @throws {ModelAnswerError} for another shape, a score that is not 0..1, and a box or joint that is no number or lies wholly outside
 */
export function readYoloPose(output: YoloOutput, reading: PoseReading): Body[] {
  const { rows, columns } = shapeOf(output, reading);
  const endToEnd = columns === ROW;
  const proposed = endToEnd ? rowsOf(output.data, rows, reading) : anchorsOf(output.data, columns, reading);
  for (const one of proposed) assertBox(one, reading);
  const max_overlap = endToEnd ? 1 : reading.max_overlap;
  return dropOverlaps(proposed, { max_overlap, most: MOST_FOUND }).flatMap((one) => bodyOf(one, reading));
}

function rowsOf(data: Float32Array, rows: number, { min_confidence, fault }: PoseReading): Proposed[] {
  const proposed: Proposed[] = [];
  for (let at = 0; at < rows * ROW; at += ROW) {
    const confidence = scoreOf(data[at + 4]!, fault);
    if (confidence < min_confidence) continue;
    const [x1, y1, x2, y2] = data.subarray(at, at + 4) as unknown as [number, number, number, number];
    proposed.push({ x1, y1, x2, y2, confidence, label: 0, joint: (n) => data[at + 6 + n]! });
  }
  return proposed;
}

function anchorsOf(data: Float32Array, anchors: number, { min_confidence, fault }: PoseReading): Proposed[] {
  const proposed: Proposed[] = [];
  for (let at = 0; at < anchors; at++) {
    const value = (row: number) => data[row * anchors + at]!;
    const confidence = scoreOf(value(4), fault);
    if (confidence < min_confidence) continue;
    const [cx, cy, w, h] = [value(0), value(1), value(2), value(3)];
    const corners = { x1: cx - w / 2, y1: cy - h / 2, x2: cx + w / 2, y2: cy + h / 2 };
    proposed.push({ ...corners, confidence, label: 0, joint: (n) => value(5 + n) });
  }
  return proposed;
}

function shapeOf({ shape, data }: YoloOutput, { fault }: PoseReading): { rows: number; columns: number } {
  const [batch, rows = 0, columns = 0] = shape;
  if (shape.length === 3 && batch === 1 && rows * columns === data.length && (columns === ROW || rows === COLUMN))
    return { rows, columns };
  throw fault(
    ModelAnswerError,
    `the output's shape must be [1,300,${ROW}] or [1,${COLUMN},anchors]: current shape is [${shape.join()}] with ${data.length} values`,
  );
}

function bodyOf(proposed: Proposed, { place, fault }: PoseReading): Body[] {
  const box = boxInPicture(proposed, place);
  if (!box) return [];
  const joints = JOINT_NAMES.map((name, at): Joint => {
    const [px, py] = [proposed.joint(at * EACH), proposed.joint(at * EACH + 1)];
    if (!Number.isFinite(px) || !Number.isFinite(py))
      throw fault(ModelAnswerError, `a joint must be a place: current value of ${name} is ${shown(`${px}, ${py}`)}`);
    const [jx, jy] = [within((px - place.x) / place.width), within((py - place.y) / place.height)];
    return { name, x: jx, y: jy, confidence: scoreOf(proposed.joint(at * EACH + 2), fault) };
  });
  return [{ confidence: proposed.confidence, box, joints }];
}

const within = (share: number): number => Math.min(1, Math.max(0, share));
