import { type Scene, scenes, secondScenes, type Truth } from "@gatehouse/demo";
import { createDetector, type Detector, type FoundObject } from "@gatehouse/models";
import { startReferenceModels } from "@gatehouse/reference-models";
import { afterAll, beforeAll, expect, test } from "vitest";

const FPS = 4;
/** The second set is longer, and only a figure. */
const SECOND_FPS = 2;
/** Less of an object than this in the picture is nobody's fault. */
const MIN_VISIBLE = 0.6;
const MIN_CONFIDENCE = 0.45;

let models: Awaited<ReturnType<typeof startReferenceModels>>;
let detector: Detector;
beforeAll(async () => {
  models = await startReferenceModels({ host: "127.0.0.1", port: 0 });
  detector = createDetector([{ kind: "http-detect", url: models.url, timeout_ms: 20_000 }]);
});
afterAll(async () => {
  await detector.close();
  await models.stop();
});

test("the reference detector finds 9 of 10 moving objects of the first scenes at IoU 0.5", async () => {
  const { recall } = await measure("first scenes", scenes(1), FPS);
  expect(recall).toBeGreaterThanOrEqual(0.9);
}, 180_000);

test("scenes that the detector was not tuned on are measured, too", async () => {
  const { objects } = await measure("second scenes", secondScenes(1), SECOND_FPS);
  expect(objects).toBeGreaterThan(100);
}, 180_000);

interface Measured {
  objects: number;
  found: number;
  recall: number;
  right_label: number;
  boxes: number;
}

/** Shows each site's scenes to the detector in order, as its camera would, and compares with the truth. */
async function measure(name: string, all: readonly Scene[], fps: number): Promise<Measured> {
  const sum = { objects: 0, found: 0, right_label: 0, boxes: 0 };
  for (const scene of all) {
    const own = { objects: 0, found: 0, right_label: 0, boxes: 0 };
    for (let at_ms = 0; at_ms < scene.duration_ms; at_ms += 1_000 / fps) count(own, await look(scene, at_ms));
    process.stdout.write(
      `  ${scene.name}: ${own.found} of ${own.objects} found, ${own.right_label} named rightly, ${own.boxes} boxes\n`,
    );
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += own[key];
  }
  const recall = sum.found / Math.max(1, sum.objects);
  process.stdout.write(
    `${name}: recall ${recall.toFixed(3)} of ${sum.objects} moving objects at IoU 0.5, ${(sum.right_label / Math.max(1, sum.found)).toFixed(3)} of the found named rightly\n`,
  );
  return { ...sum, recall };
}

async function look(scene: Scene, at_ms: number): Promise<{ truths: Truth[]; found: FoundObject[] }> {
  const { jpeg, truths } = await scene.render(at_ms);
  const picture = {
    bytes: jpeg,
    media_type: "image/jpeg",
    width: scene.width,
    height: scene.height,
    source: scene.site,
  };
  const { detections } = await detector.detect(picture, { signal: AbortSignal.timeout(30_000) });
  return { truths, found: detections.filter(({ confidence }) => confidence >= MIN_CONFIDENCE) };
}

function count(
  sum: { objects: number; found: number; right_label: number; boxes: number },
  { truths, found }: { truths: Truth[]; found: FoundObject[] },
): void {
  sum.boxes += found.length;
  for (const truth of truths.filter(({ moving, visible_fraction }) => moving && visible_fraction >= MIN_VISIBLE)) {
    sum.objects++;
    const match = found
      .filter(({ box }) => iou(box, truth.box) >= 0.5)
      .sort((a, b) => iou(b.box, truth.box) - iou(a.box, truth.box))[0];
    if (match) sum.found++;
    if (match?.label === truth.label) sum.right_label++;
  }
}

/** Intersection over union of two boxes. */
function iou(a: FoundObject["box"], b: FoundObject["box"]): number {
  const w = Math.max(0, Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x));
  const h = Math.max(0, Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y));
  return (w * h) / (a.w * a.h + b.w * b.h - w * h);
}
