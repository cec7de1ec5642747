import type { GrpcMethod } from "./grpc-server.ts";
import type { InferenceService, ModelInferRequest, ModelInferResponse } from "./inference-service.ts";
import { bytesOfPieces } from "./tensor.ts";

/** A question whose tensors are still in pieces, one list for each input. */
interface PiecewiseRequest extends Omit<ModelInferRequest, "raw_input_contents"> {
  contents: readonly (readonly Uint8Array[])[];
}

/** Field 7, `raw_input_contents`, with a length before its bytes (https://protobuf.dev/programming-guides/encoding/#length-types). */
const RAW_INPUT_CONTENTS = (7 << 3) | 2;

/** `ModelInfer` with tensors copied once, to where the message is put together, instead of once for each layer. */
export function piecewiseInfer({ ModelInfer }: InferenceService): GrpcMethod<PiecewiseRequest, ModelInferResponse> {
  const requestSerialize = ({ contents, ...head }: PiecewiseRequest): Buffer => {
    const parts: Uint8Array[] = [ModelInfer.requestSerialize({ ...head, raw_input_contents: [] })];
    for (const pieces of contents) parts.push(varints(RAW_INPUT_CONTENTS, bytesOfPieces(pieces)), ...pieces);
    return Buffer.concat(parts);
  };
  return { ...ModelInfer, requestSerialize };
}

/** Numbers below 2^31 in base 128, the least first. */
function varints(...numbers: number[]): Uint8Array {
  const bytes: number[] = [];
  for (let number of numbers) {
    for (; number > 0x7f; number >>>= 7) bytes.push((number & 0x7f) | 0x80);
    bytes.push(number);
  }
  return Uint8Array.from(bytes);
}
