import { type Checker, compileCheck } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import { type Fault, shown } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";

const word = Type.String({ maxLength: 1_024 });
const tensors = Type.Array(
  Type.Object({ name: word, datatype: word, shape: Type.Array(Type.Integer(), { maxItems: 16 }) }),
  { maxItems: 256 },
);

/** The body of `GET /v2/models/{model}`. */
const Metadata = Type.Object({
  name: word,
  versions: Type.Optional(Type.Array(word)),
  platform: Type.Optional(word),
  inputs: tensors,
  outputs: tensors,
});

type MetadataCheck = Checker<typeof Metadata>;

/** Compiles the check of a model's metadata; once per client. */
export const compileMetadataCheck = (): MetadataCheck => compileCheck(Metadata);

/** @throws {ModelAnswerError} with the place, the value wanted and the value seen */
export function readMetadata(
  text: string,
  { check, fault }: { check: MetadataCheck; fault: Fault },
): Required<Static<typeof Metadata>> {
  const body = parse(text, fault);
  if (check.holds(body)) return { versions: [], platform: "", ...body };
  const [first] = check.violations(body, 1);
  throw fault(ModelAnswerError, `the metadata's ${first?.path || "JSON"} ${first?.message}`);
}

function parse(text: string, fault: Fault): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fault(ModelAnswerError, `the metadata must be JSON: current value is ${shown(text)}`, { cause });
  }
}
