import type { Box } from "@gatehouse/events";
import { type Fault, shown } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";
import { normalisedBox } from "./found-object.ts";
import type { Place, Size } from "./letterbox.ts";
import type { Candidate } from "./nms.ts";

/** How far beyond 1 rounding to 16 bits may lift a score. */
const ROUNDING = 0.001;

/** A score as a confidence. @throws {ModelAnswerError} when it is not 0..1 */
export function scoreOf(score: number, fault: Fault): number {
  if (score >= 0 && score <= 1 + ROUNDING) return Math.min(score, 1);
  throw fault(ModelAnswerError, `a score must be 0..1: current value is ${score}`);
}

type Corners = Pick<Candidate, "x1" | "y1" | "x2" | "y2">;

/** @throws {ModelAnswerError} when a box is no number, turned over or wholly outside the input */
export function assertBox({ x1, y1, x2, y2 }: Corners, { input, fault }: { input: Size; fault: Fault }): void {
  const isBox = [x1, y1, x2, y2].every(Number.isFinite) && normalisedBox(box(x1, y1, x2, y2), input) !== null;
  if (isBox) return;
  const wanted = `a box must lie in the input of ${input.width} x ${input.height}`;
  throw fault(ModelAnswerError, `${wanted}: current corners are ${shown([x1, y1, x2, y2].join(", "))}`);
}

/** A box of the input as one of the picture that lies there; null when it lies wholly in the padding. */
export const boxInPicture = ({ x1, y1, x2, y2 }: Corners, place: Place): Box | null =>
  normalisedBox(box(x1 - place.x, y1 - place.y, x2 - place.x, y2 - place.y), place);

const box = (x1: number, y1: number, x2: number, y2: number) => ({ x: x1, y: y1, width: x2 - x1, height: y2 - y1 });
