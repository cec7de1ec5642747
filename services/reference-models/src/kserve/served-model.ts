import { BadRequestError } from "../errors.ts";
import type { Tensor, TensorSpec } from "./tensor.ts";

/** A model as a KServe server shows it. One input, one output; the first side of both is the batch's. */
export interface ServedModel {
  name: string;
  input: TensorSpec;
  output: TensorSpec;
  /** Answers an input that fits `input`, however many items it has. */
  infer(input: Tensor): Promise<Tensor>;
}

/** The only version of every model here. */
export const servedVersion = "1";

/** What every model says of who runs it. */
export const servedPlatform = "reference";

/** The most items of one request. */
const MOST_ITEMS = 64;

/** The one input, if it is what the model takes. @throws {BadRequestError} with what was wanted and what was seen */
export function fittingInput({ name, input }: ServedModel, inputs: readonly Tensor[]): Tensor {
  const given = inputs.find((one) => one.name === input.name);
  if (!given || inputs.length !== 1) {
    const names = inputs.map((one) => `"${one.name}"`).join(", ");
    throw new BadRequestError(
      `Cannot ask "${name}" as its only input must be "${input.name}": current value is ${names}`,
    );
  }
  const fits = input.shape.every((side, at) => side === given.shape[at] || (side === -1 && given.shape[at]! >= 1));
  const items = given.shape[0] ?? 0;
  if (given.datatype === input.datatype && fits && given.shape.length === input.shape.length && items <= MOST_ITEMS)
    return given;
  throw new BadRequestError(
    `Cannot ask "${name}" as input "${input.name}" must be ${input.datatype} [${input.shape.join()}] of at most ${MOST_ITEMS} items: current value is ${given.datatype} [${given.shape.join()}]`,
  );
}

/** @throws {BadRequestError} when an output is asked for that the model does not have */
export function assertOutputs({ name, output }: ServedModel, wanted: readonly string[]): void {
  const unknown = wanted.find((one) => one !== output.name);
  if (unknown !== undefined)
    throw new BadRequestError(
      `Cannot ask "${name}" as its only output is "${output.name}": current value is "${unknown}"`,
    );
}
