import { stringify } from "yaml";

/** The configuration in effect as YAML. Secrets are references in it, never contents. */
export function printConfig(config: Readonly<Record<string, unknown>>): string {
  return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false });
}
