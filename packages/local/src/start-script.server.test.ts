import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { readProcess } from "./process-table.ts";
import { temporaryHome } from "./temporary-home.testing.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** Tells its arguments, then every signal, and ends 50 ms after the first with code 7. */
const VERB = `
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {
  console.log(signal);
  setTimeout(() => process.exit(7), 50);
});
if (process.argv[2] === "die") process.kill(process.pid, "SIGKILL");
console.log(JSON.stringify({ script: process.argv[1], args: process.argv.slice(2), cwd: process.cwd() }));
if (process.argv[2] !== "quick") setInterval(() => {}, 1000);
`;

/** A tree with the real bootstrap, as it is after an install, in which every verb runs `VERB`. */
function setup({ installed = true } = {}) {
  const dir = temporaryHome();
  for (const file of ["start.mjs", "gatehouse"]) cpSync(join(ROOT, file), join(dir, file));
  for (const folder of ["node_modules/.bin", "packages/cli/src", "test", "bin"]) {
    mkdirSync(join(dir, folder), { recursive: true });
  }
  symlinkSync(process.execPath, join(dir, "node_modules/.bin/node"));
  symlinkSync(process.execPath, join(dir, "bin/node"));
  for (const script of ["packages/cli/src/main.ts", "test/gate.ts"]) writeFileSync(join(dir, script), VERB);
  writeFileSync(join(dir, "pnpm-lock.yaml"), "lock");
  const hash = createHash("sha256").update("lock").update(`${process.platform} ${process.arch}`).digest("hex");
  if (installed) writeFileSync(join(dir, "node_modules/.gatehouse-install"), hash);
  return { dir, run: (args: string[], options = {}) => run(dir, args, options) };
}

function run(dir: string, args: string[], { program = join(dir, "gatehouse"), cwd = dir } = {}) {
  const env = { ...process.env, PATH: `${join(dir, "bin")}:/usr/bin:/bin` };
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const pid = child.pid ?? 0;
  onTestFinished(() => void (readProcess(pid) && process.kill(-pid, "SIGKILL")));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, pid, line: async () => (await lines.next()).value as string, exit: once(child, "exit") };
}

test("gatehouse runs a verb from the caller's folder and ends with its code", async () => {
  const { dir, run } = setup();
  const { line, exit } = run(["quick", "./a.jpg", "--json"], { cwd: "/" });
  const script = join(dir, "packages/cli/src/main.ts");
  expect(JSON.parse(await line())).toEqual({ script, args: ["quick", "./a.jpg", "--json"], cwd: "/" });
  expect(await exit).toEqual([0, null]);
});

test("gatehouse works through a link", async () => {
  const { dir, run } = setup();
  symlinkSync(join(dir, "gatehouse"), join(dir, "bin/gatehouse"));
  const { line } = run(["quick"], { program: join(dir, "bin/gatehouse"), cwd: "/" });
  expect(JSON.parse(await line())).toMatchObject({ args: ["quick"] });
});

test("start.mjs runs up without arguments and the gate for test", async () => {
  const { dir, run } = setup();
  expect(JSON.parse(await run([]).line())).toMatchObject({ args: ["up"] });
  const gate = JSON.parse(await run(["test", "quick"]).line());
  expect(gate).toMatchObject({ script: join(dir, "test/gate.ts"), args: ["quick"] });
});

test("start.mjs lets Ctrl-C reach the verb once and waits for it", async () => {
  const { pid, line, exit } = setup().run(["stay"]);
  await line();
  process.kill(-pid, "SIGINT");
  expect(await line()).toBe("SIGINT");
  expect(await line()).toBeUndefined();
  expect(await exit).toEqual([7, null]);
});

test.each(["SIGTERM", "SIGHUP"] as const)("start.mjs passes %s on and waits for the verb", async (signal) => {
  const { child, line, exit } = setup().run(["stay"]);
  await line();
  child.kill(signal);
  expect(await line()).toBe(signal);
  expect(await exit).toEqual([7, null]);
});

test("start.mjs says by its code that a signal ended the verb", async () => {
  expect(await setup().run(["die"]).exit).toEqual([137, null]);
});

test("start.mjs runs nothing when the packages cannot be installed", async () => {
  const { child, exit } = setup({ installed: false }).run(["quick"]);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => {
    said += chunk;
  });
  expect(await exit).toEqual([1, null]);
  expect(said).toMatch(/Installing the packages: (pnpm|npx -y pnpm@\S+) install --frozen-lockfile/);
  expect(said).toMatch(/Cannot install the packages/);
});
