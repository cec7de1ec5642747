import { type Fault, shown } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";
import type { ModelMetadata, TensorSpec } from "./inference-service.ts";
import { bytesPieces, type Datatype, floatsOf, type InputTensor } from "./tensor.ts";
import type { InferAnswer } from "./transport.ts";

/** A model's first input of a type. @throws {ModelAnswerError} when it has none */
export function inputOf({ inputs }: ModelMetadata, datatype: Datatype, fault: Fault): TensorSpec {
  const spec = inputs.find((input) => input.datatype === datatype);
  if (spec) return spec;
  throw fault(ModelAnswerError, `the model must have an input of ${datatype}: it has ${described(inputs)}`);
}

/** The name of a model's first output of that many sides, the batch's included. @throws {ModelAnswerError} when it has none */
export function outputOf({ outputs }: ModelMetadata, sides: number, fault: Fault): string {
  const spec = outputs.find(({ datatype, shape }) => datatype.startsWith("FP") && shape.length === sides);
  if (spec) return spec.name;
  throw fault(
    ModelAnswerError,
    `the model must have an output of FP32 with ${sides} sides: it has ${described(outputs)}`,
  );
}

/** Encoded pictures as one tensor, an element each. @throws {ModelAnswerError} when the model takes none, or not so many at once */
export function encodedInput(
  metadata: ModelMetadata,
  pictures: readonly { bytes: Uint8Array }[],
  fault: Fault,
): InputTensor {
  const spec = inputOf(metadata, "BYTES", fault);
  const shape = spec.shape.map((_, side) => (side === 0 ? pictures.length : 1));
  assertTakes(spec, shape, fault);
  return { name: spec.name, datatype: "BYTES", shape, pieces: bytesPieces(pictures.map(({ bytes }) => bytes)) };
}

/** @throws {ModelAnswerError} when an input is not of this shape; -1 is any size */
export function assertTakes(spec: TensorSpec, shape: readonly number[], fault: Fault): void {
  const fits = spec.shape.length === shape.length && spec.shape.every((side, at) => side === -1 || side === shape[at]);
  if (!fits) throw fault(ModelAnswerError, `input ${described([spec])} must take [${shape.join()}]`);
}

/** What an output says of one item. */
export interface ItemOutput {
  /** The item's, as a batch of one. */
  shape: readonly number[];
  data: Float32Array;
}

/**
 * Takes an output of a batch apart.
 * @throws {ModelAnswerError} when it is missing, or not of that many items and sides
 */
export function itemsOf(
  { outputs }: InferAnswer,
  { name, items, sides }: { name: string; items: number; sides: number },
  fault: Fault,
): ItemOutput[] {
  const output = outputs.find((one) => one.name === name);
  if (!output)
    throw fault(ModelAnswerError, `output "${name}" must be in the answer: it has ${described(outputs) || "none"}`);
  const { shape } = output;
  if (shape.length !== sides || shape[0] !== items)
    throw fault(
      ModelAnswerError,
      `output "${name}" must have ${sides} sides, the first ${items}: it is ${described([output])}`,
    );
  const data = floatsOf(output, fault);
  const each = data.length / items;
  return Array.from({ length: items }, (_, at) => ({
    shape: [1, ...shape.slice(1)],
    data: data.subarray(at * each, (at + 1) * each),
  }));
}

/** As many tensors and sides as an error shows: a server may tell of any number. */
const MOST_SHOWN = 8;

const described = (specs: readonly { name: string; datatype: string; shape: readonly number[] }[]): string =>
  firstFew(
    specs
      .slice(0, MOST_SHOWN + 1)
      .map(({ name, datatype, shape }) => `${shown(name)} ${datatype.slice(0, 16)} [${firstFew(shape, ",")}]`),
  );

const firstFew = (all: readonly unknown[], between = ", "): string =>
  all.length > MOST_SHOWN ? `${all.slice(0, MOST_SHOWN).join(between)}${between}...` : all.join(between);
