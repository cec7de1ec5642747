import { type Checker, compileCheck } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import { type Fault, shown } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";
import { bytesOfPieces, type OutputTensor } from "./tensor.ts";
import type { InferQuestion } from "./transport.ts";

/** The JSON's length, before the tensors' bytes. */
export const HEADER_LENGTH = "inference-header-content-length";

const word = Type.String({ maxLength: 1_024 });
const shape = Type.Array(Type.Integer(), { maxItems: 16 });

const InferHeader = Type.Object({
  model_name: Type.Optional(word),
  model_version: Type.Optional(word),
  outputs: Type.Array(
    Type.Object({
      name: word,
      datatype: word,
      shape,
      parameters: Type.Optional(Type.Object({ binary_data_size: Type.Optional(Type.Integer({ minimum: 0 })) })),
    }),
    { maxItems: 256 },
  ),
});
type InferHeader = Static<typeof InferHeader>;

type InferHeaderCheck = Checker<typeof InferHeader>;

/** Compiles the check of an answer's JSON; once per client. */
export const compileInferHeaderCheck = (): InferHeaderCheck => compileCheck(InferHeader);

/** A request's headers and its body in pieces, by the binary tensor extension. */
export function inferBody({ inputs, outputs }: InferQuestion): {
  headers: Record<string, string>;
  body: Uint8Array[];
} {
  const json = Buffer.from(
    JSON.stringify({
      inputs: inputs.map(({ name, datatype, shape, pieces }) => ({
        name,
        datatype,
        shape,
        parameters: { binary_data_size: bytesOfPieces(pieces) },
      })),
      outputs: outputs.map((name) => ({ name, parameters: { binary_data: true } })),
    }),
  );
  const body = [json, ...inputs.flatMap(({ pieces }) => pieces)];
  return {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(bytesOfPieces(body)),
      [HEADER_LENGTH]: String(json.length),
    },
    body,
  };
}

/**
 * Takes an answer apart; tensors are views of its bytes.
 * @throws {ModelAnswerError} when its JSON is broken, an output is not binary, or bytes are missing or left over
 */
export function readInferAnswer(
  bytes: Uint8Array,
  { json_bytes, check, fault }: { json_bytes: number; check: InferHeaderCheck; fault: Fault },
): { header: InferHeader; outputs: OutputTensor[] } {
  const header = parse(bytes.subarray(0, json_bytes), fault);
  if (!check.holds(header)) {
    const [first] = check.violations(header, 1);
    throw fault(ModelAnswerError, `the answer's ${first?.path || "JSON"} ${first?.message}`);
  }
  let at = json_bytes;
  const outputs = header.outputs.map(({ name, datatype, shape, parameters }) => {
    const size = parameters?.binary_data_size;
    if (size === undefined)
      throw fault(ModelAnswerError, `output "${name}" must be binary: it has no binary_data_size`);
    if (at + size > bytes.length)
      throw fault(ModelAnswerError, `output "${name}" must have ${size} bytes: ${bytes.length - at} are left`);
    const data = bytes.subarray(at, at + size);
    at += size;
    return { name, datatype, shape, data };
  });
  if (at === bytes.length) return { header, outputs };
  throw fault(ModelAnswerError, `the answer must end after ${at} bytes: it has ${bytes.length}`);
}

function parse(json: Uint8Array, fault: Fault): unknown {
  const text = Buffer.from(json.buffer, json.byteOffset, json.length).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fault(ModelAnswerError, `the answer must begin with JSON: current value is ${shown(text)}`, { cause });
  }
}
