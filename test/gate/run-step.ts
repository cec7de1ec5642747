import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChildEnd, runChild } from "./child.ts";
import type { Step } from "./steps.ts";
import { type Tally, tallyReport, type VitestReport } from "./vitest-report.ts";

/** What a step came to. A step that is not vitest's counts as one test. */
export interface StepResult extends Tally {
  name: string;
  took_ms: number;
  /** What it wrote; shown whole when it failed. */
  output: string;
}

export interface StepOptions {
  root: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  onLine?: (line: string) => void;
}

/** Runs one step to its end. Never rejects: whatever goes wrong is a failure in the result. */
export async function runStep(step: Step, options: StepOptions): Promise<StepResult> {
  const began = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-gate-"));
  const report = join(folder, "report.json");
  const reporters = step.vitest ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : [];
  try {
    const { root, ...rest } = options;
    const end = await runChild([...step.command, ...reporters], { ...rest, cwd: root, limit_ms: step.limit_ms });
    const tally = step.vitest ? await vitestTally(step, end, report, root) : plainTally(step, end);
    return { name: step.name, took_ms: performance.now() - began, output: end.output, ...tally };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function plainTally(step: Step, end: ChildEnd): Tally {
  const why = faultOf(step, end);
  return { passed: why ? 0 : 1, failed: why ? 1 : 0, skipped: 0, failures: why ? [why] : [], skips: [] };
}

async function vitestTally(step: Step, end: ChildEnd, report: string, root: string): Promise<Tally> {
  const text = await readFile(report, "utf8").catch(() => null);
  const tally = tallyReport(text === null ? { testResults: [] } : (JSON.parse(text) as VitestReport), root);
  const why = faultOf(step, end) ?? (tally.passed + tally.failed === 0 ? `${step.name}: no test ran` : null);
  if (!why || tally.failed > 0) return tally;
  return { ...tally, failed: 1, failures: [why] };
}

/** Why the program's end is a failure, or null. */
function faultOf({ name, limit_ms }: Step, { code, signal, timed_out }: ChildEnd): string | null {
  if (timed_out) return `${name}: stopped after ${limit_ms / 1000} s`;
  if (signal) return `${name}: ended by ${signal}`;
  return code === 0 ? null : `${name}: exit code ${code}`;
}
