import { ConfigError } from "../errors.ts";
import { checkValue, unknownName } from "./check-value.ts";
import { readConfigFile } from "./config-file.ts";
import type { ConfigCheck, ConfigOf, ConfigSections, OnFault, Origin, Written } from "./configuration.ts";
import { readEnvironment } from "./environment.ts";
import { mergeWritten } from "./merge-written.ts";

export interface ConfigSource<S extends ConfigSections> {
  /** `undefined`: `gatehouse.yaml` in `cwd` if there is one. `null`: none. A name: it must be there. */
  file?: string | null;
  env: NodeJS.ProcessEnv;
  cwd: string;
  checks?: readonly ConfigCheck<S>[];
}

/**
 * Reads the whole configuration: the environment wins over the file, the file over the defaults. The file is checked
 * whole, so `sections` names every section that anybody reads, not only one service's. The result is frozen, deeply.
 * @throws {ConfigError} every fault in one message, a line each, with the line or variable where it was written.
 */
export function loadConfig<S extends ConfigSections>(sections: S, source: ConfigSource<S>): ConfigOf<S> {
  const file = readConfigFile(source.file, source.cwd);
  const written = mergeWritten(file, readEnvironment(sections, source.env));
  const lines = written.faults.map(({ place, message }) => `${place} ${message}`);
  const onFault = (path: string, message: string) => lines.push(placed(path, message, written.origins, file.name));

  const config = checkSections(sections, written, onFault) as ConfigOf<S>;
  if (lines.length === 0)
    for (const check of source.checks ?? []) for (const { path, message } of check(config)) onFault(path, message);
  if (lines.length > 0) throw faulty(lines);
  return freezeDeep(config);
}

function checkSections(sections: ConfigSections, { values }: Written, onFault: OnFault): Record<string, unknown> {
  const names = Object.keys(sections);
  for (const name of Object.keys(values)) if (!Object.hasOwn(sections, name)) onFault(name, unknownName(name, names));
  const config: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(sections)) config[name] = checkValue(schema, values[name], name, onFault);
  return config;
}

/** `gatehouse.yaml:12 batching.idle_s must be …`. */
function placed(path: string, message: string, origins: Map<string, Origin>, file: string): string {
  const origin = originOf(path, origins);
  const sentence = `${JSON.stringify(path).slice(1, -1)} ${message}`;
  if (origin === undefined) return sentence;
  return "line" in origin ? `${file}:${origin.line} ${sentence}` : `${origin.variable}: ${sentence}`;
}

/** Where the value was written, else where something in it was, else where that was which it is in. */
function originOf(path: string, origins: Map<string, Origin>): Origin | undefined {
  const exact = origins.get(path);
  if (exact) return exact;
  for (const [known, origin] of origins) if (known.startsWith(`${path}.`)) return origin;
  const parent = path.slice(0, Math.max(0, path.lastIndexOf("."), path.lastIndexOf("[")));
  return parent === "" ? undefined : originOf(parent, origins);
}

function faulty(lines: string[]): Error {
  const shown = lines.slice(0, 50);
  if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
  const count = lines.length === 1 ? "1 setting is wrong" : `${lines.length} settings are wrong`;
  return new ConfigError(`Cannot use the configuration as ${count}\n${shown.join("\n")}`, {
    facts: { faults: lines.length },
  });
}

function freezeDeep<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) freezeDeep(inner);
  return Object.freeze(value);
}
