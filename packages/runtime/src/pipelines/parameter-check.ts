import { Ajv, type ErrorObject } from "ajv";

/** What is wrong with the parameters of a run, a sentence each without its subject's end: `parameters.limit must be >= 1`. */
export type ParameterCheck = (parameters: Readonly<Record<string, unknown>>) => string[];

const MOST_FAULTS = 10;

/**
 * Compiles the JSON Schema (draft 07) of a pipeline's parameters. A word that no schema knows is refused, so that a slip
 * of the pen does not let everything pass; formats are not checked.
 * @throws {Error} with what is wrong with the schema
 */
export function compileParameters(schema: Readonly<Record<string, unknown>>): ParameterCheck {
  const ajv = new Ajv({
    allErrors: true,
    strictTypes: false,
    strictRequired: false,
    validateFormats: false,
    logger: false,
  });
  const holds = ajv.compile(schema);
  return (parameters) => (holds(parameters) ? [] : (holds.errors ?? []).slice(0, MOST_FAULTS).map(sentence));
}

function sentence({ instancePath, message = "does not fit", params }: ErrorObject): string {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((before, part) => (/^\d+$/.test(part) ? `${before}[${part}]` : `${before}.${part}`), "parameters");
  const unknown = "additionalProperty" in params ? ` "${params.additionalProperty}"` : "";
  const allowed = "allowedValues" in params ? `: ${JSON.stringify(params.allowedValues)}` : "";
  return `${path} ${message}${unknown}${allowed}`;
}
