import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { endLeftovers, GATE_MARKER } from "./leftovers.ts";
import { runStep, type StepResult } from "./run-step.ts";
import type { Step } from "./steps.ts";

/** What the whole gate came to. */
export interface GateResult {
  passed: number;
  failed: number;
  skipped: number;
  failures: string[];
  skips: string[];
  steps: StepResult[];
}

export interface GateOptions {
  root: string;
  steps: Step[];
  signal: AbortSignal;
  /** Lines for people, while it runs. */
  tell: (line: string) => void;
}

const PROGRESS_MS = 10_000;

/** Runs all steps, stage by stage, whatever the ones before came to; then looks for processes that were left running. */
export async function runGate({ root, steps, signal, tell }: GateOptions): Promise<GateResult> {
  const id = randomUUID();
  const env = gateEnvironment(root, id);
  const results: StepResult[] = [];
  for (const stage of [...new Set(steps.map((step) => step.stage))].sort((a, b) => a - b)) {
    if (signal.aborted) break;
    const side_by_side = steps.filter((step) => step.stage === stage);
    results.push(...(await Promise.all(side_by_side.map((step) => watched(step, { root, env, signal, tell })))));
  }
  results.push(await leftoverStep(id, signal, tell));
  return sumUp(results);
}

async function watched(
  step: Step,
  { tell, ...options }: Pick<GateOptions, "root" | "signal" | "tell"> & { env: NodeJS.ProcessEnv },
): Promise<StepResult> {
  const began = performance.now();
  let latest = "";
  const progress = setInterval(
    () => tell(`  ${step.name} ${seconds(performance.now() - began)} … ${latest.slice(0, 100)}`),
    PROGRESS_MS,
  );
  try {
    const result = await runStep(step, { ...options, onLine: (line) => (latest = line.trim()) });
    tellResult(result, tell);
    return result;
  } finally {
    clearInterval(progress);
  }
}

function tellResult(result: StepResult, tell: (line: string) => void): void {
  const { name, took_ms, passed, failed, skipped, output } = result;
  const counts = passed + failed + skipped > 1 ? ` (${passed} passed, ${failed} failed, ${skipped} skipped)` : "";
  tell(`${failed > 0 ? "failed" : "ok    "} ${name.padEnd(12)} ${seconds(took_ms).padStart(7)}${counts}`);
  if (failed > 0 && output.trim()) tell(`${output.trimEnd()}\n`);
}

async function leftoverStep(id: string, signal: AbortSignal, tell: (line: string) => void): Promise<StepResult> {
  const began = performance.now();
  const supported = existsSync("/proc/self/environ");
  const left = await endLeftovers(id, signal.aborted ? 0 : undefined);
  const result: StepResult = {
    name: "leftovers",
    took_ms: performance.now() - began,
    passed: supported && left.length === 0 ? 1 : 0,
    failed: left.length > 0 ? 1 : 0,
    skipped: supported ? 0 : 1,
    failures: left.map(({ pid, command }) => `leftovers: process ${pid} was still running: ${command}`),
    skips: supported ? [] : ["leftovers: needs /proc"],
    output: "",
  };
  tellResult(result, tell);
  return result;
}

/** This Node and the repository's programs come first; what starts servers can be told apart by the marker. */
function gateEnvironment(root: string, id: string): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);
  return { ...process.env, PATH: path, [GATE_MARKER]: id, NO_COLOR: "1", FORCE_COLOR: undefined, CI: "1" };
}

function sumUp(steps: StepResult[]): GateResult {
  const sum = (pick: (step: StepResult) => number) => steps.reduce((total, step) => total + pick(step), 0);
  return {
    passed: sum((step) => step.passed),
    failed: sum((step) => step.failed),
    skipped: sum((step) => step.skipped),
    failures: steps.flatMap((step) => step.failures),
    skips: steps.flatMap((step) => step.skips),
    steps,
  };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
