import { Detector } from "../detector/detector.ts";
import { labelNames } from "../detector/label.ts";
import { decodePicture } from "../detector/picture.ts";
import { embeddingLength, embedPicture } from "../image-embedder/embed-picture.ts";
import type { ServedModel } from "./served-model.ts";
import { elementsOf, floatTensor } from "./tensor.ts";

const input = { name: "image", datatype: "BYTES", shape: [-1, 1] };

/** What a label that was not seen is given. */
const UNSEEN = 0.02;

/** Pictures as unit vectors of their colours and directions. */
export function imageEmbedder(): ServedModel {
  return {
    name: "reference-image-embedder",
    input,
    output: { name: "embedding", datatype: "FP32", shape: [-1, embeddingLength] },
    async infer(given) {
      const rows: Float32Array[] = [];
      for (const bytes of elementsOf(given)) rows.push(await embedPicture(bytes));
      return floatTensor("embedding", [rows.length, embeddingLength], rows);
    },
  };
}

/** What a picture shows: for each label the logarithm of the detector's best confidence. Order: person, car, truck, dog, cat. */
export function classifier(): ServedModel {
  const detector = new Detector();
  return {
    name: "reference-classifier",
    input,
    output: { name: "scores", datatype: "FP32", shape: [-1, labelNames.length] },
    async infer(given) {
      const rows: Float32Array[] = [];
      for (const bytes of elementsOf(given)) {
        const found = detector.detect(await decodePicture(bytes));
        const best = labelNames.map((name) =>
          found.reduce((most, one) => (one.class === name ? Math.max(most, one.confidence) : most), UNSEEN),
        );
        rows.push(Float32Array.from(best, Math.log));
      }
      return floatTensor("scores", [rows.length, labelNames.length], rows);
    },
  };
}
