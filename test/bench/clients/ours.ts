import { createDetector, type Detector } from "@gatehouse/models";
import { serve } from "../measure/actor.ts";
import { MODEL, type Order, runAll, type Taken } from "./wire.ts";

const detectors = new Map<string, Detector>();
const { signal } = new AbortController();

/** The detector as services call it. */
async function run(order: Order): Promise<Taken> {
  const { protocol, url, bytes } = order;
  const kind = `kserve-${protocol}` as const;
  const detector = detectors.get(url) ?? createDetector([{ kind, url, model: MODEL, timeout_ms: 30_000 }]);
  detectors.set(url, detector);
  const picture = { bytes: Buffer.alloc(bytes, 1), media_type: "image/jpeg", width: 640, height: 480 };
  return runAll(order, async () => {
    const { detections } = await detector.detect(picture, { signal });
    return detections.length === 0;
  });
}

const operations = { run };
export type Operations = typeof operations;

serve(operations, async () => void (await Promise.all([...detectors.values()].map((detector) => detector.close()))));
