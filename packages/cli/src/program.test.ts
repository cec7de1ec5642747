import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "./run-command.testing.ts";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gatehouse-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const VERBS =
  "up down login status doctor publish watch events chat docs pipelines logs config keys dead gpu streams migrate contracts".split(
    " ",
  );

test("every verb has help with an example, and --json", { timeout: 30_000 }, async () => {
  const { code, out } = await runCommand(["--help"]);
  expect(code).toBe(0);
  for (const verb of VERBS) {
    expect(out).toContain(`  ${verb} `);
    const help = await runCommand([verb, "--help"]);
    expect([verb, help.code]).toEqual([verb, 0]);
    expect(help.out).toMatch(/Examples?:\n {2}\S/);
    const nested = [...help.out.matchAll(/^ {2}(\w+) (?:\[|<)/gm)].map(([, name]) => name!);
    const all = nested.length > 0 ? nested.filter((name) => name !== "help") : [null];
    for (const name of all) {
      const inner = name === null ? help : await runCommand([verb, name, "--help"]);
      expect([verb, name, inner.out.includes("--json")]).toEqual([verb, name, true]);
      expect(inner.out).toContain("Example");
    }
  }
});

test("what cannot be understood ends with 2", async () => {
  const wrong = [
    ["nope"],
    ["up", "--port", "99999"],
    ["events", "--level", "bad"],
    ["watch", "--from", "soon"],
    ["publish", "gate"],
  ];
  for (const args of wrong) expect([args, (await runCommand(args)).code]).toEqual([args, 2]);
});

test("verbs say how to start when nothing runs, in one line", async () => {
  const home = emptyFolder();
  for (const args of [
    ["publish", "gate", "a.jpg"],
    ["watch"],
    ["events"],
    ["status"],
    ["down"],
    ["login"],
    ["keys", "list"],
    ["streams", "plan"],
    ["dead", "list"],
    ["chat"],
    ["chat", "Who came?"],
    ["docs", "list"],
    ["pipelines", "run", "tts"],
  ]) {
    const { code, out, err } = await runCommand([...args, "--home", home]);
    expect([args, code, out]).toEqual([args, 1, ""]);
    expect(err).toMatch(/^Cannot .* as no Gatehouse runs here: start it with npm start.*\n$/);
  }
  const { err } = await runCommand(["events", "--json", "--home", home]);
  expect(JSON.parse(err).error.code).toBe("NOT_RUNNING");
});

test("GATEHOUSE_URL without GATEHOUSE_KEY is refused before anything is asked", async () => {
  const { code, err } = await runCommand(["events"], { env: { GATEHOUSE_URL: "http://127.0.0.1:1" } });
  expect([code, err]).toEqual([2, "Cannot list events as GATEHOUSE_KEY must be set with GATEHOUSE_URL: it is not\n"]);
  const env = { GATEHOUSE_URL: "http://127.0.0.1:1", GATEHOUSE_KEY: "k" };
  expect((await runCommand(["events"], { env })).err).toMatch(/^Cannot reach the gateway at http:\/\/127.0.0.1:1: /);
});

test("config check names every fault with its line, config print shows what is in effect", async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "gatehouse.yaml"), "batching:\n  idle_s: 0\ngatewy: {}\n");
  const { code, err } = await runCommand(["config", "check"], { cwd });
  expect(code).toBe(1);
  expect(err).toContain("gatehouse.yaml:2 batching.idle_s");
  expect(err).toContain("gatehouse.yaml:3 gatewy");
  const printed = await runCommand(["config", "print", "--json"], {
    cwd: emptyFolder(),
    env: { GATEHOUSE_BATCHING__IDLE_S: "7" },
  });
  expect(JSON.parse(printed.out).batching).toMatchObject({ idle_s: 7, max_s: 90 });
});

test("config check and doctor name the line of a secret that is missing", async () => {
  const cwd = emptyFolder();
  const llm = '{ kind: openai, url: "http://127.0.0.1:1", model: m, api_key: { env: LLM_KEY } }';
  writeFileSync(join(cwd, "gatehouse.yaml"), `models:\n  llm:\n    - ${llm}\n`);
  const told =
    'gatehouse.yaml:3 models.llm[0].api_key must name a secret that is there: environment variable "LLM_KEY"';
  const check = await runCommand(["config", "check"], { cwd });
  expect([check.code, check.err]).toEqual([1, expect.stringContaining(told)]);
  const doctor = await runCommand(["doctor", "--json", "--home", cwd], { cwd, env: { PATH: process.env.PATH } });
  const findings: { name: string; advice: string | null }[] = JSON.parse(doctor.out).findings;
  expect(findings.find(({ name }) => name === "configuration")?.advice).toContain(told);
  expect((await runCommand(["config", "check"], { cwd, env: { LLM_KEY: "k" } })).code).toBe(0);
  expect((await runCommand(["config", "print"], { cwd })).code).toBe(0);
});

test("contracts lists every subject and keeps what was promised", async () => {
  expect((await runCommand(["contracts"])).out).toContain("camera.{camera_id}.frame");
  expect(JSON.parse((await runCommand(["contracts", "--asyncapi"])).out).asyncapi).toBe("3.0.0");
  expect(await runCommand(["contracts", "--check"])).toMatchObject({ code: 0 });
});

test.each([
  [
    ["--subjects", "ai.chat.response.>"],
    'role viewer as --subjects must not cover what belongs to other users: current value is "ai.chat.response.>"',
  ],
  [
    ["--role", "operator", "--user", "ada", "--subjects", "alert.>,ai.chat.user.bob.>"],
    'current value is "ai.chat.user.bob.>"',
  ],
  [["--subjects", ">"], 'current value is ">"'],
  [["--user", "admin"], '--user must not be "admin"'],
])("keys create %j is refused before anything is asked", async (args, told) => {
  const { code, err } = await runCommand(["keys", "create", ...args, "--home", emptyFolder()]);
  expect([code, err]).toEqual([2, expect.stringContaining(told)]);
});
