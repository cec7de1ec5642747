import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { readRunFile } from "@gatehouse/local";
import { expect, test } from "vitest";
import { drawnPicture } from "./drawn-picture.testing.ts";
import { runCommand } from "./run-command.testing.ts";
import { processesOf, temporaryHome, UpProcess } from "./up-process.testing.ts";

test("up starts everything, takes a picture in, refuses a second start, and Ctrl-C leaves nothing behind", async () => {
  const home = temporaryHome();
  const up = new UpProcess(home);
  const { facts } = await up.tells("up");
  const key = readFileSync(join(home, "admin.key"), "utf8").trim();
  expect(facts.admin_key).toBe(key);
  for (const file of ["run.json", "admin.key"]) expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
  expect(readRunFile({ dir: home })).toMatchObject({ pid: up.pid, gateway_url: facts.gateway_url, admin_key: key });

  const status = await runCommand(["status", "--json", "--home", home]);
  expect([status.code, JSON.parse(status.out).status]).toEqual([0, "ready"]);

  const login = JSON.parse((await runCommand(["login", "--json", "--home", home])).out);
  const code = new URL(login.login_url).hash.slice("#code=".length);
  const logIn = () => fetch(new URL("/api/session", facts.gateway_url!), postOf({ code }));
  expect([(await logIn()).status, (await logIn()).status]).toEqual([200, 401]);

  const picture = { stdin: Readable.from([await drawnPicture()]) };
  const published = await runCommand(["publish", "yard", "-", "/none.jpg", "--json", "--home", home], picture);
  const [taken, refused] = published.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(published.code).toBe(1);
  expect(taken).toMatchObject({ file: "-", camera_id: "yard", duplicate: false });
  expect(refused.error.code).toBe("UNREADABLE_FILE");

  const second = new UpProcess(home, "--port", new URL(facts.gateway_url!).port);
  expect(await second.ends()).toBe(1);
  expect(JSON.parse(second.said).error).toMatchObject({ code: "HOME_IN_USE" });

  process.kill(-up.pid, "SIGINT");
  expect(await up.ends()).toBe(0);
  expect((await up.tells("stopped")).took_ms).toBeLessThan(5_000);
  expect(existsSync(join(home, "run.json"))).toBe(false);
  expect(processesOf(home)).toEqual([]);
});

test("a start after SIGKILL stops what was left and goes on with the data; TERM to the parent alone ends all", async () => {
  const home = temporaryHome();
  const killed = new UpProcess(home);
  await killed.tells("up");
  const made = await runCommand(["keys", "create", "--role", "operator", "--label", "gate", "--home", home]);
  expect(made.code).toBe(0);
  killed.child.kill("SIGKILL");
  await killed.ends();
  expect((await runCommand(["status", "--home", home])).code).toBe(1);

  const up = new UpProcess(home);
  const { facts } = await up.tells("up");
  expect(facts.admin_key).toBeNull();
  expect((await up.tells("note")).text).toMatch(/^Stopped what a killed start had left: .*postgres/);
  const keys = await runCommand(["keys", "list", "--json", "--home", home]);
  expect(JSON.parse(keys.out).items.map(({ label }: { label: string }) => label)).toEqual(["admin.key", "gate"]);

  up.child.kill("SIGTERM");
  expect(await up.ends()).toBe(0);
  expect(processesOf(home)).toEqual([]);
});

test("up --split starts a killed service again, tells it, and says the new process in run.json", async () => {
  const home = temporaryHome();
  const up = new UpProcess(home, "--split");
  const { facts } = await up.tells("up");
  const enrichment = () =>
    readRunFile({ dir: home })!.processes.find(({ services }) => services.includes("enrichment"))!;
  const before = enrichment().pid;
  process.kill(before, "SIGKILL");
  await up.tells("service", ({ service, state }) => service === "enrichment" && state === "ready");
  expect(enrichment().pid).not.toBe(before);
  const status = JSON.parse((await runCommand(["status", "--json", "--home", home])).out);
  expect(status.processes.map(({ services }: { services: { service: string }[] }) => services[0]!.service)).toEqual([
    "detection-ingest",
    "enrichment",
    "chat-handler",
    "pipeline-bridge",
    "gateway",
    "reference-models",
  ]);
  const headers = { authorization: `Bearer ${facts.admin_key}` };
  const answer = await fetch(new URL("/api/system", facts.gateway_url!), { headers });
  const system = (await answer.json()) as { services: { service: string; status: string; instance: string | null }[] };
  const said = system.services.map(({ service, status, instance }) => [service, status, instance === null]);
  expect(said).toEqual([
    ["chat-handler", "ready", false],
    ["detection-ingest", "ready", false],
    ["enrichment", "ready", false],
    ["gateway", "ready", false],
    ["pipeline-bridge", "ready", false],
    ["reference-models", "ready", true],
  ]);

  const down = await runCommand(["down", "--home", home]);
  expect(down.code).toBe(0);
  expect(await up.ends()).toBe(0);
  expect(processesOf(home)).toEqual([]);
});

function postOf(body: object): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
