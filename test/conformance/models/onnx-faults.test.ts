import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDetector } from "@gatehouse/models";
import { expect, test, vi } from "vitest";
import { childrenOf } from "../../harness/children.ts";
import { classicModel, constantModel, echoModel, endlessModel } from "../../harness/onnx-models.ts";
import { signal, withModel } from "./onnx-detector.fixture.ts";
import { patches } from "./onnx-file.fixture.ts";

const picture = await patches({ width: 640, height: 480 }, []);
const red = await patches({ width: 640, height: 480 }, [{ left: 96, top: 64, width: 32, height: 32, colour: "#f00" }]);
const processes = () => childrenOf(process.pid);
const gone = () => vi.waitFor(() => expect(processes()).toEqual([]));

test("createDetector() refuses a .onnx file that is not there, is empty or is a folder, and names it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-onnx-"));
  await writeFile(join(folder, "empty.onnx"), "");
  const create = (file: string) => () => createDetector([{ kind: "onnx", file }]);
  const refusal = (file: string, why: string) =>
    expect.objectContaining({
      code: "MODEL_CONFIG",
      message: `Cannot use "${file}" as it must be a .onnx file that can be read: ${why}`,
    });
  const missing = join(folder, "missing.onnx");
  expect(create(missing)).toThrow(refusal(missing, 'current state is "ENOENT"'));
  expect(create(join(folder, "empty.onnx"))).toThrow(refusal(join(folder, "empty.onnx"), "it is empty"));
  expect(create(folder)).toThrow(refusal(folder, "it is no file"));
  await rm(folder, { recursive: true });
});

test.each([
  ["no model", "version https://git-lfs.github.com/spec/v1", "Protobuf parsing failed"],
  ["half a model", classicModel().subarray(0, 4_000), "Protobuf parsing failed"],
  [
    "a model of bytes",
    echoModel({ type: "uint8", dims: [1, 3, 480, 640] }),
    "its input must be one tensor float32 [1,3,height,width] with sides up to 4096: it has uint8 [1,3,480,640]",
  ],
  ["a model of other pictures", echoModel({ dims: [1, 480, 640, 3] }), "it has float32 [1,480,640,3]"],
  ["a model of many pictures", echoModel({ dims: [8, 3, 480, 640] }), "it has float32 [8,3,480,640]"],
  ["a model of huge pictures", echoModel({ dims: [1, 3, 4097, 640] }), "it has float32 [1,3,4097,640]"],
])("detect() is down while its file holds %s, and well once it is right", async (_, bytes, reason) => {
  await using onnx = await withModel(bytes);
  const down = {
    code: "DETECTOR_DOWN",
    dependency: "detector",
    message: expect.stringContaining(`Cannot detect objects of model "colours" at "${onnx.file}" as `),
  };
  const failure = await onnx.detector.detect(picture, { signal }).catch((error: unknown) => error);
  expect(failure).toMatchObject(down);
  expect(failure).toMatchObject({ message: expect.stringContaining(reason) });
  await expect(onnx.detector.probe(signal)).rejects.toMatchObject(down);
  await gone();
  await writeFile(onnx.file, classicModel());
  await onnx.detector.probe(signal);
  expect((await onnx.detector.detect(red, { signal })).detections).toHaveLength(1);
});

test("detect() says that the optional package is missing", async () => {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `--import=${new URL("./hidden-runtime.fixture.ts", import.meta.url).href}`;
  try {
    await using onnx = await withModel(classicModel());
    await expect(onnx.detector.detect(picture, { signal })).rejects.toMatchObject({
      code: "DETECTOR_DOWN",
      message: expect.stringContaining(
        'the optional package onnxruntime-node must be installed: current state is "ERR_MODULE_NOT_FOUND"',
      ),
    });
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
});

test.each([
  [
    "another shape",
    constantModel([1, 84, 5], Array(420).fill(0)),
    "the output's shape must be [1,300,6] or [1,6,anchors]",
  ],
  ["its input", echoModel({ dims: [1, 3, 480, 640] }), "current shape is [1,3,480,640]"],
  ["NaN in a box", constantModel([1, 1, 6], [Number.NaN, 0, 1, 1, 0.9, 0]), "a box must lie in the input of 640 x 640"],
  ["a box outside", constantModel([1, 1, 6], [700, 0, 710, 5, 0.9, 0]), "a box must lie in the input of 640 x 640"],
  ["NaN as score", constantModel([1, 1, 6], [0, 0, 1, 1, Number.NaN, 0]), "a score must be 0..1: current value is NaN"],
])("detect() says what was wanted of a model that gives %s", async (_, model, message) => {
  await using onnx = await withModel(model);
  await expect(onnx.detector.detect(picture, { signal })).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    retry: "unknown",
    facts: { server: onnx.file, model: "colours" },
    message: expect.stringContaining(message),
  });
});

test("detect() refuses what is no picture, and goes on", async () => {
  await using onnx = await withModel(classicModel());
  await expect(onnx.detector.detect({ ...picture, bytes: Uint8Array.of(1) }, { signal })).rejects.toMatchObject({
    code: "MODEL_REFUSED",
    retry: "never",
    message: expect.stringContaining("as the picture must decode"),
  });
  expect((await onnx.detector.detect(red, { signal })).detections).toHaveLength(1);
});

test("detect() ends a run that takes too long, with its process", async () => {
  await using onnx = await withModel(endlessModel(), { timeout_ms: 200 });
  await onnx.detector.probe(signal);
  expect(processes()).toHaveLength(1);
  await expect(onnx.detector.detect(picture, { signal })).rejects.toMatchObject({
    code: "MODEL_TIMEOUT",
    dependency: null,
    facts: { timeout_ms: 200 },
  });
  await gone();
});

test("detect() refuses at once what finds neither slot nor place in the queue", async () => {
  await using onnx = await withModel(endlessModel(), { timeout_ms: 1_000, in_flight: 1, calling: { queue: 0 } });
  await onnx.detector.probe(signal);
  const first = onnx.detector.detect(picture, { signal }).catch((error: unknown) => error);
  await expect(onnx.detector.detect(picture, { signal })).rejects.toMatchObject({
    code: "MODEL_BUSY",
    facts: { in_flight: 1, waiting: 0 },
  });
  expect(await first).toMatchObject({ code: "MODEL_TIMEOUT" });
});

test("detect() gives up with its caller, and the model stays loaded", async () => {
  await using onnx = await withModel(classicModel());
  await onnx.detector.probe(signal);
  const [pid] = processes();
  const caller = new AbortController();
  const asked = onnx.detector.detect(red, { signal: caller.signal });
  caller.abort(new Error("not wanted any more"));
  await expect(asked).rejects.toThrow("not wanted any more");
  expect((await onnx.detector.detect(red, { signal })).detections).toHaveLength(1);
  expect(processes()).toEqual([pid]);
});

test("detect() outlives the death of its process", async () => {
  await using onnx = await withModel(classicModel());
  await onnx.detector.probe(signal);
  process.kill(processes()[0]!, "SIGKILL");
  await expect(onnx.detector.detect(red, { signal })).rejects.toMatchObject({
    code: "DETECTOR_DOWN",
    message: expect.stringContaining("its process must run: it ended with SIGKILL"),
  });
  expect((await onnx.detector.detect(red, { signal })).detections).toHaveLength(1);
});

test("close() ends the process and fails what is under way", async () => {
  await using onnx = await withModel(endlessModel());
  await onnx.detector.probe(signal);
  const asked = onnx.detector.detect(picture, { signal }).catch((error: unknown) => error);
  await onnx.detector.close();
  expect(await asked).toMatchObject({ code: "DETECTOR_DOWN" });
  expect(processes()).toEqual([]);
  await expect(onnx.detector.detect(picture, { signal })).rejects.toMatchObject({ code: "DETECTOR_DOWN" });
});

test("a ranked list goes past a file that is no model", async () => {
  await using broken = await withModel("no model");
  await using whole = await withModel(classicModel());
  const detector = createDetector([
    { kind: "onnx", file: broken.file },
    { kind: "onnx", file: whole.file, labels: ["red", "green"], timeout_ms: 30_000 },
  ]);
  expect((await detector.detect(red, { signal })).detections).toMatchObject([{ label: "red" }]);
  await detector.close();
});
