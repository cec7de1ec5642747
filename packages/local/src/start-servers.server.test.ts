import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { redis, request, sql } from "./ask-servers.testing.ts";
import type { ServerEvent, ServerName } from "./mod.ts";
import { startServers } from "./mod.ts";
import { temporaryHome } from "./temporary-home.testing.ts";

async function setup<Name extends ServerName>(names: Name[], dir = temporaryHome()) {
  const events: ServerEvent[] = [];
  const servers = await startServers(dir, names, { onEvent: (event) => events.push(event) });
  const all = Object.values<(typeof servers)[Name]>(servers);
  onTestFinished(async () => void (await Promise.all(all.map((server) => server.stop()))));
  return { dir, events, servers, all };
}

test("startServers() gives servers that answer with their own credentials and refuse others", async () => {
  const { servers } = await setup(["nats", "postgres", "redis"]);
  expect(await sql(servers.postgres.url, "select current_database() as name, lower('ÄÖ') as low")).toEqual([
    { name: "gatehouse", low: "äö" },
  ]);
  expect(await redis(servers.redis.url, "PING")).toBe("PONG");
  expect(await request(servers.nats, "$JS.API.INFO", "")).toMatchObject({
    type: expect.stringContaining("account_info"),
  });
  const stranger = "not-the-password";
  await expect(sql(servers.postgres.url.replace(servers.postgres.password, stranger), "select 1")).rejects.toThrow();
  await expect(redis(servers.redis.url.replace(servers.redis.password, stranger), "PING")).rejects.toThrow();
  const { port, user } = servers.nats;
  await expect(request({ port, user, password: stranger }, "$JS.API.INFO", "")).rejects.toThrow(
    /Authorization|ECONNRESET/,
  );
});

test("startServers() shows no password in any command line and keeps its files to the owner", async () => {
  const { dir, all } = await setup(["nats", "postgres", "redis"]);
  for (const server of all) {
    expect(readFileSync(`/proc/${server.pid}/cmdline`, "utf8")).not.toContain(server.password);
    expect(readFileSync(`/proc/${server.pid}/environ`, "utf8")).not.toContain(server.password);
  }
  for (const file of ["servers.json", "children.json", "nats/nats.conf", "redis/redis.conf", "logs/nats.log"]) {
    expect(statSync(join(dir, file)).mode & 0o777, file).toBe(0o600);
  }
});

test("Server comes back on its port with its data when it is killed", async () => {
  const { servers, all, events } = await setup(["nats", "postgres", "redis"]);
  await sql(servers.postgres.url, "create table kept as select 7 as n");
  await request(
    servers.nats,
    "$JS.API.STREAM.CREATE.KEPT",
    JSON.stringify({ name: "KEPT", subjects: ["kept"], storage: "file" }),
  );
  expect(await request(servers.nats, "kept", "hello")).toMatchObject({ stream: "KEPT", seq: 1 });
  const ports = all.map(({ port }) => port);
  for (const server of all) {
    const before = server.pid;
    server.kill();
    await server.ready();
    expect(server.pid).not.toBe(before);
  }
  expect(all.map(({ port }) => port)).toEqual(ports);
  expect(await sql(servers.postgres.url, "select n from kept")).toEqual([{ n: 7 }]);
  expect(await request(servers.nats, "$JS.API.STREAM.INFO.KEPT", "")).toMatchObject({ state: { messages: 1 } });
  expect(await redis(servers.redis.url, "PING")).toBe("PONG");
  expect(events.filter(({ what }) => what === "restarting").map(({ server }) => server)).toEqual([
    "nats",
    "postgres",
    "redis",
  ]);
});

test("Server keeps port, credentials and data over an orderly stop, and stop() may be repeated", async () => {
  const { servers } = await setup(["postgres"]);
  await sql(servers.postgres.url, "create table kept as select 7 as n");
  const before = servers.postgres.url;
  await servers.postgres.stop();
  await servers.postgres.stop();
  expect(servers.postgres.pid).toBeNull();
  await expect(servers.postgres.ready()).rejects.toMatchObject({ code: "BACKING_FAILED" });
  await servers.postgres.start();
  expect(servers.postgres.url).toBe(before);
  expect(await sql(before, "select n from kept")).toEqual([{ n: 7 }]);
});

test("startServers() finds its credentials, ports and data again in the same folder", async () => {
  const first = await setup(["postgres", "redis"]);
  await sql(first.servers.postgres.url, "create table kept as select 7 as n");
  await Promise.all(first.all.map((server) => server.stop()));
  const second = await setup(["postgres", "redis"], first.dir);
  expect(second.all.map(({ url }) => url)).toEqual(first.all.map(({ url }) => url));
  expect(await sql(second.servers.postgres.url, "select n from kept")).toEqual([{ n: 7 }]);
});

test("startServers() takes another port when the kept one is taken", async () => {
  const first = await setup(["redis"]);
  await first.servers.redis.stop();
  const thief = await setup(["redis"]);
  const kept = join(thief.dir, "servers.json");
  expect(JSON.parse(readFileSync(kept, "utf8"))).toMatchObject({ redis: { port: thief.servers.redis.port } });
  const second = await setup(["redis"], thief.dir);
  expect(second.servers.redis.port).not.toBe(thief.servers.redis.port);
  expect(await redis(second.servers.redis.url, "PING")).toBe("PONG");
});

test("startServers() gives up and leaves nothing running when its signal aborts", async () => {
  const giveUp = new AbortController();
  const events: ServerEvent[] = [];
  const onEvent = (event: ServerEvent) => {
    events.push(event);
    if (event.what === "started") giveUp.abort(new Error("enough"));
  };
  const starting = startServers(temporaryHome(), ["nats", "redis"], { onEvent, signal: giveUp.signal });
  await expect(starting).rejects.toThrow("enough");
  const count = (what: string) => events.filter((event) => event.what === what).length;
  expect(count("exited")).toBe(count("started"));
});
