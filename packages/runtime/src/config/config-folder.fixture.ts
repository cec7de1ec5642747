import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { ConfigError } from "../errors.ts";
import { loadConfig } from "./load-config.ts";
import { sectionChecks } from "./section-checks.ts";
import { type SharedConfig, sections } from "./sections.ts";

/** A folder of this test's own, with these files in it. */
export function configFolder(files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** The shared sections, from this YAML and this environment. */
export function load(yaml: string, env: NodeJS.ProcessEnv = {}): SharedConfig {
  return loadConfig(sections, { env, cwd: configFolder({ "gatehouse.yaml": yaml }), checks: sectionChecks });
}

/** The lines of the faults that loading ends with. */
export function faultsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n").slice(1);
    throw error;
  }
  throw new Error("Cannot read faults as there are none");
}
