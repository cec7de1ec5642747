import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { PlacedFault, Written } from "./configuration.ts";
import { readYaml } from "./read-yaml.ts";

/** What is looked for in the working folder when nobody names a file. */
const CONFIG_FILE = "gatehouse.yaml";
const MAX_FILE_BYTES = 1_048_576;

/** `undefined`: `gatehouse.yaml` if there is one. `null`: no file. A name: that file must be there. */
export function readConfigFile(file: string | null | undefined, cwd: string): Written & { name: string } {
  const name = file ?? CONFIG_FILE;
  const nothing = (faults: PlacedFault[] = []) => ({ name, values: {}, origins: new Map(), faults });
  if (file === null) return nothing();
  try {
    const path = resolve(cwd, name);
    const stats = statSync(path);
    if (!stats.isFile()) return nothing([{ place: name, message: "must be a file" }]);
    if (stats.size > MAX_FILE_BYTES) {
      const message = `must be at most ${MAX_FILE_BYTES} bytes: current size is ${stats.size}`;
      return nothing([{ place: name, message }]);
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
    return { name, ...readYaml(text, name) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "ENOENT" && file === undefined) return nothing();
    return nothing([{ place: name, message: problem(code) }]);
  }
}

function problem(code: string): string {
  if (code === "ENOENT") return "does not exist";
  return code === "ERR_ENCODING_INVALID_ENCODED_DATA"
    ? "must be UTF-8 text"
    : `cannot be read: ${code || "unknown fault"}`;
}
