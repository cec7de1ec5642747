import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { redis, sql } from "./ask-servers.testing.ts";
import { type Backing, openHome, startBacking } from "./mod.ts";
import { readProcess } from "./process-table.ts";
import { stopLeftovers } from "./stop-leftovers.ts";
import { temporaryHome } from "./temporary-home.testing.ts";

const PARENT = `
import { openHome, startBacking } from ${JSON.stringify(new URL("./mod.ts", import.meta.url).href)};
const home = await openHome(process.argv[1]);
const backing = await startBacking(home, { env: { PATH: process.env.PATH } });
process.on("SIGINT", async () => {
  console.log(JSON.stringify({ pids: backing.pids() }));
  await backing.stop();
  home.close();
  process.exit(0);
});
console.log(JSON.stringify({ pids: backing.pids(), database_url: backing.database_url }));
`;

async function startParent(dir: string) {
  const parent = spawn(process.execPath, ["--input-type=module", "-e", PARENT, dir], {
    cwd: import.meta.dirname,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: parent.stdout as NonNullable<ChildProcess["stdout"]> })[
    Symbol.asyncIterator
  ]();
  const next = async () => JSON.parse((await lines.next()).value ?? "null");
  const facts = (await next()) as { pids: Record<string, number>; database_url: string };
  const pids = Object.entries(facts.pids).map(([name, pid]) => ({
    name,
    pid,
    started: readProcess(pid)?.started ?? "",
  }));
  onTestFinished(async () => {
    parent.kill("SIGKILL");
    await stopLeftovers(pids);
  });
  return { parent, next, facts };
}

async function start(dir: string): Promise<{ backing: Backing; stopped: string[]; close(): void }> {
  const home = await openHome(dir);
  const backing = await startBacking(home, { env: { PATH: process.env.PATH } });
  onTestFinished(async () => {
    await backing.stop();
    home.close();
  });
  return { backing, stopped: home.stopped.map(({ name }) => name).sort(), close: home.close };
}

test("openHome() refuses a second start and names the process that holds it", async () => {
  const dir = temporaryHome();
  const { parent } = await startParent(dir);

  await expect(openHome(dir)).rejects.toMatchObject({
    code: "HOME_IN_USE",
    retry: "never",
    facts: { pid: parent.pid },
  });
});

test("openHome() stops the servers of a killed start, and the next start has their data and ports", async () => {
  const dir = temporaryHome();
  const { parent, facts } = await startParent(dir);
  await sql(facts.database_url, "create table kept as select 7 as n");
  parent.kill("SIGKILL");
  await once(parent, "exit");
  for (const pid of Object.values(facts.pids)) expect(readProcess(pid)).not.toBeNull();
  const { backing, stopped } = await start(dir);
  expect(stopped).toEqual(["nats", "postgres", "redis"]);
  for (const pid of Object.values(facts.pids)) expect(readProcess(pid)).toBeNull();
  expect(backing.database_url).toBe(facts.database_url);
  expect(await sql(backing.database_url, "select n from kept")).toEqual([{ n: 7 }]);
  expect(await redis(backing.redis_url, "PING")).toBe("PONG");
});

test("openHome() leaves a process alone that only has the pid of a recorded one", async () => {
  const dir = temporaryHome();
  const stranger = spawn("sleep", ["60"]);
  onTestFinished(() => void stranger.kill());
  writeFileSync(join(dir, "children.json"), JSON.stringify([{ name: "nats", pid: stranger.pid, started: "1" }]));
  const home = await openHome(dir);
  expect(home.stopped).toEqual([]);
  expect(readProcess(stranger.pid ?? 0)).not.toBeNull();
  home.close();
});

test("startBacking() keeps the servers out of the reach of Ctrl-C until they are stopped", async () => {
  const { parent, next, facts } = await startParent(temporaryHome());
  process.kill(-(parent.pid ?? 0), "SIGINT");
  expect(await next()).toEqual({ pids: facts.pids });
  expect(await once(parent, "exit")).toEqual([0, null]);
  for (const pid of Object.values(facts.pids)) expect(readProcess(pid)).toBeNull();
});

test("openHome() makes private folders and close() lets the next one in", async () => {
  const dir = join(temporaryHome(), "deep", "home");
  const home = await openHome(dir);
  for (const folder of ["", "nats", "postgres", "redis", "media", "inbox", "logs"]) {
    expect(statSync(join(dir, folder)).mode & 0o777, folder).toBe(0o700);
  }
  expect(JSON.parse(readFileSync(join(dir, "up.lock"), "utf8"))).toMatchObject({ pid: process.pid });
  home.close();
  home.close();
  (await openHome(dir)).close();
});
