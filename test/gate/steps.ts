import { existsSync } from "node:fs";
import { join } from "node:path";

/** One thing that the gate proves. */
export interface Step {
  name: string;
  /** The program and its arguments; run at the repository's root. */
  command: readonly [string, ...string[]];
  /** Stopped, and failed, after this time. */
  limit_ms: number;
  /** Steps of one stage run side by side; a stage begins when the one before it is over. */
  stage: number;
  /** Its tests are counted one by one from vitest's JSON report. */
  vitest: boolean;
}

const MINUTE = 60_000;

/** All steps, in order. The last one is there once the bench is. */
export function gateSteps(root: string): Step[] {
  const bench = "test/bench/main.ts";
  return [
    step("lint", ["biome", "ci", "--colors=off", "."], 2 * MINUTE),
    step("types", ["tsc", "--noEmit", "-p", "tsconfig.json"], 2 * MINUTE),
    step("layers", ["node", "test/gate/layers-main.ts"], 2 * MINUTE),
    step("contracts", ["node", "packages/events/src/contracts/main.ts", "--check"], 2 * MINUTE),
    tests("unit", 5 * MINUTE, 1),
    tests("integration", 8 * MINUTE, 2),
    ...(existsSync(join(root, bench)) ? [step("bench", ["node", bench, "--smoke"], 3 * MINUTE, 3)] : []),
  ];
}

function step(name: string, command: Step["command"], limit_ms: number, stage = 0): Step {
  return { name, command, limit_ms, stage, vitest: false };
}

/** A failing test is never tried again, and a forgotten `.only` hides nothing. */
function tests(project: string, limit_ms: number, stage: number): Step {
  const command = ["vitest", "run", "--project", project, "--retry=0", "--allowOnly=false", "--includeTaskLocation"];
  return { name: project, command: command as unknown as Step["command"], limit_ms, stage, vitest: true };
}
