import type { Repository } from "./repository.ts";
import { assertOutputs, fittingInput, type ServedModel, servedPlatform, servedVersion } from "./served-model.ts";
import type { Tensor, TensorSpec } from "./tensor.ts";

/** What a model is asked. */
export interface Question {
  model: string;
  /** Empty: any. */
  version: string;
  inputs: readonly Tensor[];
  /** Names of the outputs that are wanted; none: all. */
  outputs: readonly string[];
}

/** @throws {ModelMissingError} @throws {ModelNotReadyError} @throws {BadRequestError} and what the model says of its input */
export async function infer(repository: Repository, { model, version, inputs, outputs }: Question): Promise<Tensor> {
  const served = repository.ready(model, version);
  assertOutputs(served, outputs);
  return served.infer(fittingInput(served, inputs));
}

/** What a model says of itself. */
export const metadataOf = ({
  name,
  input,
  output,
}: ServedModel): {
  name: string;
  versions: string[];
  platform: string;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
} => ({
  name,
  versions: [servedVersion],
  platform: servedPlatform,
  inputs: [input],
  outputs: [output],
});

/** What the server says of itself. */
export const serverMetadata = {
  name: "reference",
  version: servedVersion,
  extensions: ["binary_tensor_data", "model_repository"],
};
