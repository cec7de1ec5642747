import { compileCheck } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import { BadRequestError } from "../errors.ts";
import type { Tensor } from "./tensor.ts";

/** The JSON's length, before the tensors' bytes. */
export const headerLength = "inference-header-content-length";

const Word = Type.String({ minLength: 1, maxLength: 256 });
const Request = Type.Object({
  id: Type.Optional(Type.String({ maxLength: 256 })),
  parameters: Type.Optional(Type.Object({ binary_data_output: Type.Optional(Type.Boolean()) })),
  inputs: Type.Array(
    Type.Object({
      name: Word,
      datatype: Word,
      shape: Type.Array(Type.Integer({ minimum: 0, maximum: 1e9 }), { maxItems: 8 }),
      parameters: Type.Optional(Type.Object({ binary_data_size: Type.Optional(Type.Integer({ minimum: 0 })) })),
      data: Type.Optional(Type.Array(Type.Unknown())),
    }),
    { minItems: 1, maxItems: 16 },
  ),
  outputs: Type.Optional(
    Type.Array(
      Type.Object({
        name: Word,
        parameters: Type.Optional(Type.Object({ binary_data: Type.Optional(Type.Boolean()) })),
      }),
    ),
  ),
});
type Request = Static<typeof Request>;
const check = compileCheck(Request);

/** A request taken apart. */
interface ReadRequest {
  id: string | undefined;
  inputs: Tensor[];
  outputs: string[];
  /** Whether the answer's tensors come as bytes. */
  binary: boolean;
}

/**
 * Reads an infer request, with or without the binary tensor extension.
 * @throws {BadRequestError} with the place, the value wanted and the value seen
 */
export function readRequest(body: Uint8Array, header: string | undefined): ReadRequest {
  const json_bytes = header === undefined ? body.length : Number(header);
  if (!(Number.isInteger(json_bytes) && json_bytes <= body.length))
    throw new BadRequestError(
      `Cannot infer as ${headerLength} must be 0..${body.length}: current value is "${header ?? ""}"`,
    );
  const request = parse(body.subarray(0, json_bytes));
  let at = json_bytes;
  const inputs = request.inputs.map(({ name, datatype, shape, parameters, data }) => {
    const size = parameters?.binary_data_size;
    if (size === undefined) return { name, datatype, shape, data: bytesOf(data, { name, datatype }) };
    const bytes = body.subarray(at, at + size);
    at += size;
    if (bytes.length === size) return { name, datatype, shape, data: bytes };
    throw new BadRequestError(`Cannot infer as input "${name}" must have ${size} bytes: ${bytes.length} are left`);
  });
  if (at < body.length) throw new BadRequestError(`Cannot infer as the body must end after ${at} bytes: it goes on`);
  const { id, outputs = [], parameters } = request;
  const binary = outputs[0]?.parameters?.binary_data ?? parameters?.binary_data_output ?? false;
  return { id, inputs, outputs: outputs.map(({ name }) => name), binary };
}

function parse(json: Uint8Array): Request {
  const text = Buffer.from(json.buffer, json.byteOffset, json.length).toString("utf8");
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch (cause) {
    throw new BadRequestError("Cannot infer as the body must begin with JSON", { cause });
  }
  if (check.holds(request)) return request;
  const [first] = check.violations(request, 1);
  throw new BadRequestError(`Cannot infer as ${first?.path || "the body"} ${first?.message}`);
}

/** Numbers in JSON, nested or not, as the bytes of floats. */
function bytesOf(data: unknown[] | undefined, { name, datatype }: { name: string; datatype: string }): Uint8Array {
  const values = (data ?? []).flat(Number.POSITIVE_INFINITY);
  if (datatype === "FP32" && values.every((value) => typeof value === "number"))
    return new Uint8Array(Float32Array.from(values as number[]).buffer);
  throw new BadRequestError(`Cannot infer as input "${name}" of ${datatype} must be binary data, or numbers of FP32`);
}

/** An answer's body, and the length of its JSON when bytes follow it. */
export function answerBody(
  heading: object,
  { name, datatype, shape, data }: Tensor,
  binary: boolean,
): { body: Uint8Array; json_bytes: number | null } {
  const tensor = { name, datatype, shape };
  if (!binary) {
    const numbers = Array.from(new Float32Array(new Uint8Array(data).buffer));
    return {
      body: Buffer.from(JSON.stringify({ ...heading, outputs: [{ ...tensor, data: numbers }] })),
      json_bytes: null,
    };
  }
  const outputs = [{ ...tensor, parameters: { binary_data_size: data.length } }];
  const json = Buffer.from(JSON.stringify({ ...heading, outputs }));
  return { body: Buffer.concat([json, data]), json_bytes: json.length };
}
