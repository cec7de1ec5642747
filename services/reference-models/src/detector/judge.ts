import { areaOf, type Blob, type Box, height, iou, type Labelled, overlap, width } from "./blobs.ts";
import { bestLabel, confidence, fitLabels, type LabelFits, type LabelName } from "./label.ts";
import type { Picture } from "./picture.ts";
import { measure, type Shape } from "./shape.ts";

/** A blob with what it is taken for. */
export interface Judged {
  blob: Blob;
  box: Box;
  shape: Shape;
  fits: LabelFits;
  fit: number;
  label: LabelName;
  /** Mean difference over the least difference that counts. */
  contrast: number;
  confidence: number;
}

/** Labels one object by the shape of what is marked inside its box. */
export function judge(
  blob: Blob,
  box: Box,
  labelled: Labelled,
  picture: Picture,
  least: number,
  personScale: number,
): Judged {
  const whole = roundBox(box);
  const shape = measure({ ...blob, box: whole }, labelled, picture.w, picture.h, personScale);
  const fits = fitLabels(shape);
  const { name, fit } = bestLabel(fits);
  const contrast = blob.strength / blob.area / least;
  return {
    blob,
    box,
    shape,
    fits,
    fit,
    label: name,
    contrast,
    confidence: confidence({ contrast, area: blob.area, fit }),
  };
}

function roundBox(box: Box): Box {
  return { x0: Math.round(box.x0), y0: Math.round(box.y0), x1: Math.round(box.x1), y1: Math.round(box.y1) };
}

export interface Likely {
  /** Most objects kept, the largest first. */
  most: number;
  /** Largest share of the picture. */
  mostArea: number;
  /** Least fit of the best label. */
  leastFit: number;
}

/** Drops what is too small, too large, in the sky, fits no label, or is a part of another object. */
export function keepLikely(objects: Judged[], picture: Picture, { most, mostArea, leastFit }: Likely): Judged[] {
  const { w, h } = picture;
  const likely = objects.filter(
    ({ box, blob, fit, shape }) =>
      width(box) >= 3 &&
      height(box) >= 5 &&
      blob.area >= 22 &&
      areaOf(box) <= mostArea * w * h &&
      box.y1 > 0.3 * h &&
      shape.fill > 0.2 &&
      fit >= leastFit,
  );
  likely.sort((a, b) => b.blob.area - a.blob.area);
  const kept: Judged[] = [];
  for (const object of likely) {
    const part = kept.some(
      ({ box }) =>
        iou(box, object.box) > 0.75 ||
        (overlap(box, object.box) > 0.8 * areaOf(object.box) && areaOf(object.box) < 0.3 * areaOf(box)),
    );
    if (!part && kept.length < most) kept.push(object);
  }
  return kept;
}
