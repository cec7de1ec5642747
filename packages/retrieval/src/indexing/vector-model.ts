import type { Embeddings } from "@gatehouse/models";
import type { VectorSet } from "@gatehouse/store";

/**
 * What tells one embedder's vectors from another's: name and dimensions. Its version does not, as servers of one model name
 * it in many ways; so the entries of a ranked list must serve one model under one name.
 */
export function vectorModel({ model, vectors }: Embeddings): Pick<VectorSet, "model" | "dimensions"> {
  return { model: model.name, dimensions: vectors[0]!.length };
}
