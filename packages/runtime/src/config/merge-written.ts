import { childPath, type Origin, type Written } from "./configuration.ts";

/** Lays what the environment says over what the file says: maps are merged, everything else is replaced whole. */
export function mergeWritten(file: Written, env: Written): Written {
  const origins = new Map(file.origins);
  const values = mergeMaps(file.values, env.values, "", origins);
  for (const [path, origin] of env.origins) origins.set(path, origin);
  return { values, origins, faults: [...file.faults, ...env.faults] };
}

function mergeMaps(
  below: Record<string, unknown>,
  above: Record<string, unknown>,
  path: string,
  origins: Map<string, Origin>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = Object.assign(Object.create(null), below);
  for (const [key, value] of Object.entries(above)) {
    const at = childPath(path, key);
    const before = merged[key];
    if (isMap(before) && isMap(value)) merged[key] = mergeMaps(before, value, at, origins);
    else {
      for (const known of [...origins.keys()]) if (isWithin(known, at)) origins.delete(known);
      merged[key] = value;
    }
  }
  return merged;
}

const isWithin = (path: string, parent: string): boolean =>
  path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
