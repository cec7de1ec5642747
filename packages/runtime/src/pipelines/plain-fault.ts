/** Of the parameters of a run, as JSON. */
export const MOST_PARAMETER_BYTES = 262_144;

/** What JSON cannot hold would reach an engine as something else, and what is too large would push others out of the stream. */
export function plainFault(parameters: Readonly<Record<string, unknown>>): string | null {
  let odd: string | null = null;
  const check = (name: string, value: unknown): unknown => {
    const wrong = oddWords(value);
    if (wrong !== null) odd ??= `parameters: ${name} ${wrong}`;
    return wrong === null ? value : null;
  };
  const text = jsonOf(parameters, check);
  if (text === null) return "parameters must be nested less deeply";
  if (odd !== null) return odd;
  const bytes = Buffer.byteLength(text);
  return bytes > MOST_PARAMETER_BYTES
    ? `parameters must be at most ${MOST_PARAMETER_BYTES} bytes as JSON: current length is ${bytes}`
    : null;
}

function oddWords(value: unknown): string | null {
  if (value instanceof Uint8Array) return "must be text, a number, true, false, null, a list or a map: it is bytes";
  if (typeof value === "bigint") return `must be a number without loss: current value is ${value}`;
  if (typeof value === "number" && !Number.isFinite(value)) return `must be a finite number: current value is ${value}`;
  return null;
}

/** Null: nested too deeply for one. */
function jsonOf(value: object, check: (name: string, value: unknown) => unknown): string | null {
  try {
    return JSON.stringify(value, check);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
