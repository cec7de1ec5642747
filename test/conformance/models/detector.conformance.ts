import type { Detector, Picture } from "@gatehouse/models";
import { expect, test } from "vitest";
import { picture } from "../../harness/pictures.ts";
import type { Open, Promised } from "./client.conformance.ts";

const signal = new AbortController().signal;
/** A person on a plain ground of 640 x 480, at 77..137 across. */
const scene: Picture = { bytes: await picture(1), media_type: "image/jpeg", width: 640, height: 480 };

export const detecting = (name: string, open: Open<Detector>): Promised<Detector> => ({
  name: `detect() of ${name}`,
  open,
  ask: async (detector, asking) => (await detector.detect(scene, { signal: asking })).detections,
  prefix: "DETECTOR",
  dependency: "detector",
});

/** What every detector promises. */
export function isDetector(name: string, open: Open<Detector>): void {
  test(`detect() of ${name} finds the person, with a box in the picture, and says which model found it`, async () => {
    const { client, stop } = await open();
    const { model, detections, infer_ms } = await client.detect(scene, { signal });
    await stop();
    for (const { confidence, box } of detections)
      for (const share of [confidence, box.x, box.y, box.x + box.w, box.y + box.h]) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
    const { box } = detections.find(({ label }) => label === "person")!;
    expect(box.x).toBeLessThan(107 / 640);
    expect(box.x + box.w).toBeGreaterThan(107 / 640);
    for (const part of [model.name, model.version, model.backend]) expect(part).not.toBe("");
    expect(infer_ms).toBeGreaterThanOrEqual(0);
  });

  test(`detect() of ${name} refuses what is no picture, for good, and goes on`, async () => {
    const { client, stop } = await open();
    const broken = { ...scene, bytes: Buffer.from("no picture at all") };
    await expect(client.detect(broken, { signal })).rejects.toMatchObject({ code: "MODEL_REFUSED", retry: "never" });
    expect((await client.detect(scene, { signal })).detections).not.toEqual([]);
    await stop();
  });
}
