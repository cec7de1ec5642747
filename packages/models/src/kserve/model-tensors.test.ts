import { expect, test } from "vitest";
import { faultsOf } from "../calling/faults.ts";
import { DetectorAuthError, DetectorDownError } from "../errors.ts";
import { outputOf } from "./model-tensors.ts";

const fault = faultsOf({
  action: "detect objects",
  server: "gpu:8001",
  model: "yolo",
  Down: DetectorDownError,
  Auth: DetectorAuthError,
});

test("outputOf() shows the first few of a model's tensors when it has none that fits", () => {
  const spec = { name: "x".repeat(5_000), datatype: "INT64", shape: Array<number>(5_000).fill(-1) };
  const metadata = { name: "yolo", versions: [], platform: "", inputs: [], outputs: Array(5_000).fill(spec) };
  const failing = () => outputOf(metadata, 3, fault);
  expect(failing).toThrow(`"${"x".repeat(77)}..." INT64 [-1,-1,-1,-1,-1,-1,-1,-1,...], `);
  expect(failing).toThrow(/^.{1,1500}$/);
});
