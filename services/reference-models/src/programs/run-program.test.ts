import { expect, test } from "vitest";
import { type ProgramRun, runProgram, wholeOutput } from "./run-program.ts";

const signal = new AbortController().signal;
const node = (script: string, more: Partial<ProgramRun> = {}): ProgramRun => ({
  program: process.execPath,
  args: ["-e", script],
  input: "",
  timeout_ms: 20_000,
  most_output_bytes: 1_000_000,
  gives: "interpreter",
  debian_packages: ["nodejs"],
  ...more,
});

test("runProgram() gives what a program writes, of what it is given to read, with no more of the environment than it needs", async () => {
  const script =
    "process.stdin.pipe(process.stdout); process.stdin.on('end', () => console.log(Object.keys(process.env).sort().join()))";
  const output = await wholeOutput(node(script, { input: "grüß $HOME\n" }), signal);
  expect(String(output)).toBe("grüß $HOME\nLANG,OMP_THREAD_LIMIT,PATH\n");
});

test("runProgram() names the package of a program that is missing", async () => {
  const run = node("", { program: "no-such-program", debian_packages: ["some-package", "its-data"] });
  await expect(wholeOutput(run, signal)).rejects.toMatchObject({
    code: "PROGRAM_MISSING",
    message:
      'Cannot run "no-such-program" as it must be on PATH: there is no interpreter; install some-package and its-data',
  });
});

test.each([
  ["fails", node("console.error('no\\nvoice'); process.exit(3)"), "it ended with 3 no voice"],
  ["takes too long", node("setInterval(() => {}, 1000)", { timeout_ms: 300 }), "it was killed, after at most 300 ms"],
  ["writes too much", node("setInterval(() => process.stdout.write('x'.repeat(65536)))"), "it was killed"],
])("runProgram() says so when a program %s", async (_, run, message) => {
  await expect(wholeOutput(run, signal)).rejects.toMatchObject({
    code: "PROGRAM_FAILED",
    message: expect.stringContaining(message),
  });
});

test("runProgram() kills the program when nobody reads on, and when the signal aborts", async () => {
  const script = "console.log(process.pid); setInterval(() => {}, 1000)";
  const pids: number[] = [];
  for await (const piece of runProgram(node(script), signal)) {
    pids.push(Number(String(piece)));
    break;
  }
  const caller = new AbortController();
  const running = runProgram(node(script), caller.signal);
  pids.push(Number(String((await running.next()).value)));
  caller.abort(new Error("not wanted any more"));
  await expect(running.next()).rejects.toThrow("not wanted any more");
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("runProgram() refuses a ninth program at a time", async () => {
  const runs = Array.from({ length: 8 }, () => runProgram(node("console.log(1); setInterval(() => {}, 1000)"), signal));
  await Promise.all(runs.map((run) => run.next()));
  await expect(wholeOutput(node(""), signal)).rejects.toMatchObject({ code: "BUSY", retry: "later" });
  await Promise.all(runs.map((run) => run.return(undefined)));
  await wholeOutput(node(""), signal);
});
