import { Ajv, type ErrorObject } from "ajv";

/** What is wrong with the parameters of a run, a sentence each without its subject's end: `parameters.limit must be >= 1`. */
export type ParameterCheck = (parameters: Readonly<Record<string, unknown>>) => string[];

/** What a schema says against parameters. */
export interface ParameterFault {
  /** JSON pointer of the parameter: `/limits/1`. */
  at: string;
  /** The word of the schema that it breaks. */
  word: string;
  sentence: string;
}

const MOST_FAULTS = 10;
const DRAFT_07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;

/**
 * Compiles the JSON Schema (draft 07) of a pipeline's parameters. A word that no schema knows is refused, so that a slip
 * of the pen does not let everything pass; formats are not checked. The first fault is told: what is sent by others is not
 * looked at for longer than that.
 * @throws {Error} with what is wrong with the schema
 */
export function compileParameters(schema: Readonly<Record<string, unknown>>): ParameterCheck {
  const faultsOf = compileFaults(schema, { all: false });
  return (parameters) => faultsOf(parameters).map(({ sentence }) => sentence);
}

/**
 * The same, with where each fault is. `all`: not only the first, for parameters that the owner of the schema wrote.
 * @throws {Error} with what is wrong with the schema
 */
export function compileFaults(
  { $schema: draft, ...schema }: Readonly<Record<string, unknown>>,
  { all }: { all: boolean },
): (parameters: Readonly<Record<string, unknown>>) => ParameterFault[] {
  if (draft !== undefined && !(typeof draft === "string" && DRAFT_07.test(draft)))
    throw new Error(`$schema must be that of draft 07: current value is ${JSON.stringify(draft)}`);
  if ("$async" in schema) throw new Error("$async must be absent: parameters are checked at once");
  const ajv = new Ajv({
    allErrors: all,
    verbose: true,
    strictTypes: false,
    strictRequired: false,
    validateFormats: false,
    logger: false,
  });
  const holds = ajv.compile(schema);
  // A schema that leads back to itself is found out now.
  holds({});
  return (parameters) => {
    try {
      return holds(parameters) ? [] : (holds.errors ?? []).slice(0, MOST_FAULTS).map(fault);
    } catch (error) {
      return [{ at: "", word: "$ref", sentence: `parameters cannot be checked: ${(error as Error).message}` }];
    }
  };
}

function fault(error: ErrorObject): ParameterFault {
  return { at: error.instancePath, word: error.keyword, sentence: sentence(error) };
}

function sentence({ instancePath, message = "does not fit", params, keyword, schema }: ErrorObject): string {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((before, part) => (/^\d+$/.test(part) ? `${before}[${part}]` : `${before}.${part}`), "parameters");
  if (keyword === "not") return `${path} ${notWords(schema as object)}`;
  const unknown = "additionalProperty" in params ? ` "${params.additionalProperty}"` : "";
  const allowed = "allowedValues" in params ? `: ${JSON.stringify(params.allowedValues)}` : "";
  return `${path} ${message}${unknown}${allowed}`;
}

/** What must not be: `must not have path and text together`. */
function notWords(schema: { required?: readonly string[] }): string {
  const { required = [], ...more } = schema;
  const is_plain = required.length > 0 && Object.keys(more).length === 0;
  if (!is_plain) return `must not fit ${JSON.stringify(schema)}`;
  return `must not have ${required.join(" and ")}${required.length > 1 ? " together" : ""}`;
}
