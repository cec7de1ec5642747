import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { isRunning } from "./is-running.fixture.ts";
import { runGate } from "./run-gate.ts";
import type { Step } from "./steps.ts";

async function temporary(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "gatehouse-gate-test-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

const step = (name: string, source: string, own: Partial<Step> = {}): Step => ({
  name,
  command: [process.execPath, "-e", source],
  limit_ms: 30_000,
  stage: 0,
  vitest: false,
  ...own,
});

async function gate(...steps: Step[]) {
  const lines: string[] = [];
  const signal = new AbortController().signal;
  const result = await runGate({ root: await temporary(), steps, signal, tell: (line) => lines.push(line) });
  return { result, text: lines.join("\n") };
}

/** A stand-in for vitest: writes this report to where it was told to. */
const reporting = (report: object, code = 0) =>
  `const file = process.argv.find((arg) => arg.startsWith("--outputFile.json=")).slice(18);
   require("node:fs").writeFileSync(file, ${JSON.stringify(JSON.stringify(report))}); process.exitCode = ${code};`;
const vitest = (source: string): Step => ({
  ...step("unit", source, { vitest: true }),
  command: [process.execPath, "-e", source, "--"],
});

test("runGate() counts each step as one test and shows only what failed", async () => {
  const { result, text } = await gate(
    step("good", "console.log('quiet')"),
    step("bad", "console.log('loud'); process.exitCode = 4"),
  );
  expect(result).toMatchObject({ passed: 2, failed: 1, skipped: 0, failures: ["bad: exit code 4"] });
  expect(text).toContain("loud");
  expect(text).not.toContain("quiet");
  expect(text).toMatch(/^ok {5}good/m);
  expect(text).toMatch(/^failed bad/m);
});

test("runGate() goes on after a failure, stage by stage", async () => {
  const { result } = await gate(
    step("late", "", { stage: 2 }),
    step("bad", "process.exitCode = 1"),
    step("mid", "", { stage: 1 }),
  );
  expect(result.steps.map(({ name }) => name)).toEqual(["bad", "mid", "late", "leftovers"]);
});

test("runGate() fails a step that died by a signal, or ran out of time", async () => {
  const { result } = await gate(
    step("killed", "process.kill(process.pid, 'SIGKILL')"),
    step("slow", "setInterval(() => {}, 1000)", { limit_ms: 300 }),
  );
  expect(result.failures).toEqual(["killed: ended by SIGKILL", "slow: stopped after 0.3 s"]);
});

test("runGate() fails when no test ran, when there is no report, and when vitest failed outside its tests", async () => {
  const passed = { status: "passed", fullName: "f()", failureMessages: [] };
  const report = { testResults: [{ name: "/x.test.ts", status: "passed", message: "", assertionResults: [passed] }] };
  expect((await gate(vitest(reporting({ testResults: [] })))).result.failures).toEqual(["unit: no test ran"]);
  expect((await gate(vitest(""))).result.failures).toEqual(["unit: no test ran"]);
  expect((await gate(vitest(reporting(report, 1)))).result).toMatchObject({
    passed: 2,
    failures: ["unit: exit code 1"],
  });
  expect((await gate(vitest(reporting(report)))).result).toMatchObject({ passed: 2, failed: 0 });
});

test.skipIf(process.platform !== "linux")(
  "runGate() fails, names and ends what a step left running (needs /proc)",
  async () => {
    const root = await temporary();
    const script = join(root, "left-behind.cjs");
    await writeFile(script, "setInterval(() => {}, 1000)");
    const source = `require("node:child_process").spawn(process.execPath, [${JSON.stringify(script)}], { detached: true, stdio: "ignore" }).unref()`;
    const { result } = await gate(step("careless", source));
    expect(result).toMatchObject({ passed: 1, failed: 1 });
    expect(result.failures[0]).toMatch(/^leftovers: process \d+ was still running: .*left-behind\.cjs$/);
    const pid = Number(/process (\d+)/.exec(result.failures[0]!)![1]);
    await expect.poll(() => isRunning(pid)).toBe(false);
  },
);

test("runGate() starts nothing more once it is stopped, and leaves nothing running", async () => {
  const stop = new AbortController();
  const began = (line: string) => line.startsWith("failed") && stop.abort();
  const steps = [step("bad", "process.exitCode = 1"), step("never", "", { stage: 1 })];
  const result = await runGate({ root: await temporary(), steps, signal: stop.signal, tell: began });
  expect(result.steps.map(({ name }) => name)).toEqual(["bad", "leftovers"]);
});
