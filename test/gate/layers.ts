import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";

const FOLDERS = ["packages", "services", "streams", "test"];
const RULES = resolve(import.meta.dirname, "../../.dependency-cruiser.mjs");
const TYPESCRIPT = /\.tsx?$/;

/** What the layer rule saw. */
export interface Layers {
  /** `services/voice imports services/chat-handler: … (services/voice/src/main.ts)` */
  violations: string[];
  /** TypeScript files read. */
  files: number;
  /** Imports found in them: 0 means that the tool was blind. */
  imports: number;
}

/** Reads every import under a root and holds it against the arrows of `.dependency-cruiser.mjs`. */
export async function readLayers(root: string): Promise<Layers> {
  const { forbidden, options } = await readRules();
  const folders = FOLDERS.filter((folder) => existsSync(resolve(root, folder)));
  const { outputType: _asObject, ...rest } = options;
  const { output } = await cruise(folders, { ...rest, baseDir: root, validate: true, ruleSet: { forbidden } });
  const { modules, summary } = output as ICruiseResult;
  const read = modules.filter(({ source }) => TYPESCRIPT.test(source) && !source.includes("node_modules"));
  const comments = new Map(forbidden.map(({ name, comment }) => [name, comment]));
  return {
    violations: summary.violations.map(({ from, to, rule }) =>
      sentence(from, to, comments.get(rule.name) ?? rule.name),
    ),
    files: read.length,
    imports: read.reduce((sum, { dependencies }) => sum + dependencies.length, 0),
  };
}

async function readRules(): Promise<{ forbidden: IForbiddenRuleType[]; options: ICruiseOptions }> {
  const { default: rules } = await import(pathToFileURL(RULES).href);
  return rules;
}

function sentence(from: string, to: string, comment: string): string {
  const [importer, imported] = [unitOf(from), unitOf(to)];
  if (importer === imported) return `${from} imports ${to}: ${comment}`;
  return `${importer} imports ${imported}: ${comment} (${from})`;
}

/** The package that a file belongs to: `services/voice`, `streams`, `@nats-io/jetstream`. */
function unitOf(path: string): string {
  const installed = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (installed) return installed;
  return /^(?:packages|services)\/[^/]+|^(?:streams|test)(?=\/)/.exec(path)?.[0] ?? path;
}
