/** An engine that takes `name=value` cuts at the first equals sign. */
const NAME = /^[^=\s]+$/;

/** Whether a parameter's name would reach Argo as another one; null: none would. */
export function nameFault(parameters: Readonly<Record<string, unknown>>): string | null {
  const odd = Object.keys(parameters).find((name) => !NAME.test(name));
  if (odd === undefined) return null;
  return `parameters must have names without blanks and "=": one is ${JSON.stringify(odd.slice(0, 80))}`;
}
