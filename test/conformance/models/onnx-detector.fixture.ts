import { type Calling, createDetector, type Detector } from "@gatehouse/models";
import { onnxFileOf } from "./onnx-file.fixture.ts";

export const signal = new AbortController().signal;

/** What a test of ONNX may set. */
export interface OnnxOptions {
  labels?: readonly string[];
  min_confidence?: number;
  max_overlap?: number;
  timeout_ms?: number;
  in_flight?: number;
  calling?: Partial<Calling>;
}

/** A detector on a model file of its own, whose labels are red and green. */
export async function withModel(
  bytes: Uint8Array | string,
  { calling = {}, ...options }: OnnxOptions = {},
): Promise<{ detector: Detector; file: string } & AsyncDisposable> {
  const { file, [Symbol.asyncDispose]: remove } = await onnxFileOf(bytes);
  const detector = createDetector([{ kind: "onnx", file, labels: ["red", "green"], timeout_ms: 30_000, ...options }], {
    probe_timeout_ms: 30_000,
    tries: 1,
    ...calling,
  });
  return {
    detector,
    file,
    async [Symbol.asyncDispose]() {
      await detector.close();
      await remove();
    },
  };
}
