import { expect, test } from "vitest";
import { faultsOf } from "../calling/faults.ts";
import { DetectorAuthError, DetectorDownError } from "../errors.ts";
import { bytesPieces, floatsOf } from "./tensor.ts";

const fault = faultsOf({
  action: "detect objects",
  server: "gpu:8001",
  model: "yolo",
  Down: DetectorDownError,
  Auth: DetectorAuthError,
});
const of = (datatype: string, shape: number[], bytes: ArrayBufferView) => ({
  name: "out",
  datatype,
  shape,
  data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});

test.each([
  ["FP32", Float32Array.of(1.5, -2, Number.NaN), [1.5, -2, Number.NaN]],
  ["FP16", new Float16Array([1.5, -2, Number.POSITIVE_INFINITY]), [1.5, -2, Number.POSITIVE_INFINITY]],
  ["INT64", BigInt64Array.of(1n, -2n, 300n), [1, -2, 300]],
  ["UINT8", Uint8Array.of(1, 2, 255), [1, 2, 255]],
])("floatsOf() reads %s", (datatype, values, wanted) => {
  expect([...floatsOf(of(datatype, [1, 3], values), fault)]).toEqual(wanted);
});

test("floatsOf() reads floats that lie anywhere in a message, and copies them only then", () => {
  const message = new Uint8Array(4 * 3 + 1);
  message.set(new Uint8Array(Float32Array.of(1, 2, 3).buffer), 1);
  expect([...floatsOf(of("FP32", [3], message.subarray(1)), fault)]).toEqual([1, 2, 3]);
  const aligned = Float32Array.of(4, 5);
  expect(floatsOf(of("FP32", [2], aligned), fault).buffer).toBe(aligned.buffer);
});

test.each([
  [
    "a byte short",
    of("FP32", [1, 3], new Uint8Array(11)),
    'output "out" must have 12 bytes for [1,3] of FP32: it has 11',
  ],
  ["too long", of("FP16", [2], new Uint8Array(6)), 'output "out" must have 4 bytes for [2] of FP16: it has 6'],
  ["of text", of("BYTES", [1], new Uint8Array(5)), 'output "out" must be FP32|FP16|INT64|UINT8: it is "BYTES"'],
])("floatsOf() refuses a tensor that is %s, naming server and model", (_, tensor, message) => {
  expect(() => floatsOf(tensor, fault)).toThrow(`Cannot detect objects of model "yolo" at "gpu:8001" as ${message}`);
});

test("bytesPieces() puts the length before each element and copies none", () => {
  const element = Uint8Array.of(7, 8, 9);
  const pieces = bytesPieces([element, new Uint8Array(0)]);
  expect(Buffer.concat(pieces).toString("hex")).toBe("03000000070809" + "00000000");
  expect(pieces[1]).toBe(element);
});
