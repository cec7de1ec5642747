import { expect, test } from "vitest";
import { type ChildOptions, MOST_OUTPUT_BYTES, runChild } from "./child.ts";
import { isRunning } from "./is-running.fixture.ts";

const options = (own: Partial<ChildOptions> = {}): ChildOptions => ({
  cwd: process.cwd(),
  env: process.env,
  limit_ms: 30_000,
  signal: new AbortController().signal,
  ...own,
});
const node = (source: string): [string, ...string[]] => [process.execPath, "-e", source];

test("runChild() returns the code and both streams", async () => {
  const end = await runChild(node("console.log('out'); console.error('err'); process.exitCode = 3"), options());
  expect(end).toMatchObject({ code: 3, signal: null, timed_out: false });
  expect(end.output.split("\n").sort()).toEqual(["", "err", "out"]);
});

test("runChild() gives no standard input", async () => {
  const end = await runChild(node("process.stdin.on('end', () => console.log('ended')).resume()"), options());
  expect(end).toMatchObject({ code: 0, output: "ended\n" });
});

test("runChild() says which signal ended it", async () => {
  expect(await runChild(node("process.kill(process.pid, 'SIGKILL')"), options())).toMatchObject({
    code: 137,
    signal: "SIGKILL",
  });
});

test("runChild() ends with 127 when there is no such program", async () => {
  expect(await runChild(["/nowhere/program"], options())).toMatchObject({
    code: 127,
    output: expect.stringContaining("ENOENT"),
  });
});

test("runChild() stops a program whose time is up, though it does not want to", async () => {
  const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
  expect(await runChild(node(deaf), options({ limit_ms: 200 }))).toMatchObject({
    timed_out: true,
    code: expect.toSatisfy((code) => code !== 0),
  });
});

test("runChild() stops the whole process group when it is aborted", async () => {
  const stop = new AbortController();
  const source = `
    const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    child.once("spawn", () => console.log("grandchild " + child.pid));
    setInterval(() => {}, 1000);`;
  let pid = 0;
  const onLine = (line: string) => {
    pid = Number(/grandchild (\d+)/.exec(line)?.[1]);
    stop.abort();
  };
  const end = await runChild(node(source), options({ signal: stop.signal, onLine }));
  expect(end.signal).toBe("SIGTERM");
  await expect.poll(() => isRunning(pid)).toBe(false);
});

test("runChild() keeps only the end of a flood", async () => {
  const end = await runChild(node(`process.stdout.write("x".repeat(3 * ${MOST_OUTPUT_BYTES}) + "the end")`), options());
  expect(end.output.length).toBeLessThan(MOST_OUTPUT_BYTES + 100_000);
  expect(end.output).toMatch(/^\(the beginning is left out\)\n.*the end$/s);
});
