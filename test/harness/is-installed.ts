import { spawnSync } from "node:child_process";

/** Whether a program is on PATH: tests that need it say so and are left out elsewhere. */
export const isInstalled = (program: string): boolean =>
  spawnSync(program, ["--version"], { stdio: "ignore", timeout: 10_000 }).error === undefined;
