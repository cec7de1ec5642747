import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "@gatehouse/events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "./testing/client.fixture.ts";
import { type Ground, prepareGround } from "./testing/gateway.fixture.ts";

const MB = 1024 * 1024;
const PIECE = 100 * 1024;

let ground: Ground;
let home: string;
let gateway: ChildProcess;
let ws_url: string;
let admin: string;

/** The gateway in a process of its own, as it is deployed: only then its memory can be told. */
beforeAll(async () => {
  ground = await prepareGround();
  admin = (await ground.key({ role: "admin" })).secret;
  home = mkdtempSync(join(tmpdir(), "gatehouse-home-"));
  const { nats_url, nats_user, nats_password, database_url, redis_url } = ground.backing;
  gateway = fork(new URL("./main.ts", import.meta.url), {
    cwd: home,
    silent: true,
    env: {
      ...process.env,
      NATS_URL: nats_url,
      NATS_USER: nats_user!,
      NATS_PASSWORD: nats_password!,
      DATABASE_URL: database_url,
      REDIS_URL: redis_url,
      GATEHOUSE_HOME: home,
      GATEHOUSE_GATEWAY__PORT: "0",
    },
  });
  const [ready] = await once(gateway, "message");
  ws_url = `${ready.doors[0].url.replace("http", "ws")}/ws`;
});
afterAll(async () => {
  if (gateway) {
    const gone = once(gateway, "exit");
    gateway.kill();
    await gone;
  }
  await ground?.stop();
  if (home) rmSync(home, { recursive: true, force: true });
});

const residentBytes = () =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${gateway.pid}/status`, "utf8"))![1]) * 1024;
const blob = new Uint8Array(PIECE);
const publish = (count: number) =>
  Promise.all(Array.from({ length: count }, () => ground.bus.publish("alert.big", encode({ blob }))));

const isMessage = ({ op }: { op: string }) => op === "message";

/** Sends 100 kB messages, no faster than this client reads them; gives the most memory that the gateway had meanwhile. */
async function flow(bytes: number, client: Client): Promise<number> {
  let most = 0;
  for (let sent = 0; sent < bytes; sent += 5 * PIECE) {
    client.heard.length = 0;
    await publish(5);
    await client.until(5, isMessage);
    most = Math.max(most, residentBytes());
  }
  return most;
}

test("a paused client with 200 MB sent past it costs little memory, ends as lagged, and slows nobody", async () => {
  const quick = await Client.open(ws_url, admin, "gatehouse.v1.msgpack");
  await quick.ask({ op: "subscribe", id: "quick", subject: "alert.big" });
  const before = await flow(50 * MB, quick);
  const slow = await Client.open(ws_url, admin, "gatehouse.v1.msgpack");
  const { seq } = await slow.ask({ op: "subscribe", id: "slow", subject: "alert.big" });
  slow.socket.pause();
  const most = await flow(200 * MB, quick);
  process.stdout.write(`gateway: ${Math.round(before / MB)} MB before, at most ${Math.round(most / MB)} MB\n`);
  expect(most - before).toBeLessThan(64 * MB);
  slow.socket.resume();
  const lagged = await slow.next(({ op }) => op === "lagged");
  const heard = slow.heard.filter(isMessage).map((message) => message.seq);
  expect(heard).toEqual(heard.map((_, i) => seq + 1 + i));
  expect(lagged).toEqual({ op: "lagged", id: "slow", next_seq: seq + 1 + heard.length });
  slow.heard.length = 0;
  slow.send({ op: "subscribe", id: "slow", subject: "alert.big", from: { seq: lagged.next_seq } });
  expect(await slow.next()).toMatchObject({ op: "subscribed" });
  expect(await slow.next()).toMatchObject({ op: "message", seq: lagged.next_seq });
  for (const { socket } of [slow, quick]) socket.terminate();
});

test("the public port tells of health, and of nothing else that is for operators", async () => {
  const url = ws_url.replace("ws", "http").replace(/\/ws$/, "");
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: "ready", services: [{ service: "gateway", status: "ready", reasons: [] }] },
  ]);
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
});
