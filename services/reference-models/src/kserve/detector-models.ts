import sharp from "sharp";
import { type Detection, Detector } from "../detector/detector.ts";
import type { LabelName } from "../detector/label.ts";
import { decodePicture, type Picture, toPlanes, workingSize } from "../detector/picture.ts";
import { fromSquare, intoSquare, letterboxSide } from "./letterbox.ts";
import type { ServedModel } from "./served-model.ts";
import { elementsOf, floatsOf, floatTensor, type TensorSpec } from "./tensor.ts";

/** Rows of a YOLO end-to-end output: x1, y1, x2, y2, score, class; unused ones are zero. */
const ROWS = 300;
const COLUMNS = 6;

/** Class numbers of COCO. */
const CLASSES: Record<LabelName, number> = { person: 0, car: 2, truck: 7, cat: 15, dog: 16 };

const output: TensorSpec = { name: "output0", datatype: "FP32", shape: [-1, ROWS, COLUMNS] };

/** Takes encoded pictures, as a preprocessing ensemble does. */
export function encodedDetector(): ServedModel {
  const detector = new Detector();
  return {
    name: "reference-detector",
    input: { name: "image", datatype: "BYTES", shape: [-1, 1] },
    output,
    async infer(input) {
      const rows: Float32Array[] = [];
      for (const bytes of elementsOf(input)) {
        const picture = await decodePicture(bytes);
        rows.push(rowsOf(detector.detect(picture), (box) => intoSquare(box, picture.sent)));
      }
      return floatTensor(output.name, [rows.length, ROWS, COLUMNS], rows);
    },
  };
}

/** Takes pictures as letterboxed tensors, as a bare YOLO model does. */
export function tensorDetector(): ServedModel {
  const detector = new Detector();
  const shape = [-1, 3, letterboxSide, letterboxSide];
  return {
    name: "reference-detector-tensor",
    input: { name: "images", datatype: "FP32", shape },
    output,
    async infer(input) {
      const all = floatsOf(input);
      const each = 3 * letterboxSide * letterboxSide;
      const rows: Float32Array[] = [];
      for (let at = 0; at < all.length; at += each) {
        const { rgb, place } = fromSquare(all.subarray(at, at + each));
        const found = detector.detect(await shrink(rgb, place));
        const corners = ({ x, y, width, height }: Detection["bbox"]) =>
          [place.x + x, place.y + y, place.x + x + width, place.y + y + height] as const;
        rows.push(rowsOf(found, corners));
      }
      return floatTensor(output.name, [rows.length, ROWS, COLUMNS], rows);
    },
  };
}

async function shrink(rgb: Uint8Array, { width, height }: { width: number; height: number }): Promise<Picture> {
  const { w, h } = workingSize(width, height);
  const raw = { width, height, channels: 3 } as const;
  const small = await sharp(rgb, { raw }).resize(w, h, { fit: "fill", kernel: "linear" }).raw().toBuffer();
  return toPlanes(small, { width, height }, w, h);
}

function rowsOf(
  found: readonly Detection[],
  corners: (box: Detection["bbox"]) => readonly [number, number, number, number],
): Float32Array {
  const rows = new Float32Array(ROWS * COLUMNS);
  for (const [at, { class: label, confidence, bbox }] of found.slice(0, ROWS).entries())
    rows.set([...corners(bbox), confidence, CLASSES[label]], at * COLUMNS);
  return rows;
}
