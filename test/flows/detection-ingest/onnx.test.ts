import { writeFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { onnxFileOf } from "../../conformance/models/onnx-file.fixture.ts";
import { classicModel } from "../../harness/onnx-models.ts";
import { picture } from "../../harness/pictures.ts";
import { setupIngest } from "./ingest.fixture.ts";

const WITHIN = { timeout: 20_000, interval: 50 };

test("a model file stands behind detection by configuration alone; while it does not load, frames wait", async () => {
  await using onnx = await onnxFileOf("not a model yet");
  const ingest = await setupIngest();
  try {
    const entry = { kind: "onnx", file: onnx.file, labels: ["person", "car"], timeout_ms: 20_000 };
    const mesh = await ingest.run({ GATEHOUSE_MODELS__DETECTOR: JSON.stringify([entry]) });
    const ready = async () => {
      const answer = await fetch(`${mesh.health_url}/readyz`);
      return `${answer.status} ${await answer.text()}`;
    };
    await ingest.frame("gate", "f-1", await picture(1));
    await vi.waitFor(async () => expect(await ready()).toMatch(/^503 .*detector.*colours\.onnx/), WITHIN);
    expect(await ingest.count("CAMERA_DETECTIONS", "camera.gate.detections")).toBe(0);

    await writeFile(onnx.file, classicModel());
    const [set] = await ingest.sets("gate", 1);
    expect(set).toMatchObject({
      frame_id: "f-1",
      model: { name: "colours", backend: "onnxruntime" },
      image: { width: 640, height: 480 },
    });
    // The figure's red coat fills one column of cells: 96..128 of its 83..131 pixels across.
    expect(set!.detections.map(({ label, box }) => ({ label, x: box.x, w: box.w }))).toEqual([
      { label: "person", x: expect.closeTo(0.1, 6), w: expect.closeTo(0.15, 6) },
    ]);
    await ingest.drained();
    expect(await ingest.world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 0 });
    await vi.waitFor(async () => expect(await ready()).toMatch(/^200 /), WITHIN);
  } finally {
    await ingest.stop();
  }
});
