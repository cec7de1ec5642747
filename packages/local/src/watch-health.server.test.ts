import { expect, onTestFinished, test } from "vitest";
import { redis } from "./ask-servers.testing.ts";
import { type ServerEvent, startServers } from "./mod.ts";
import { readProcess } from "./process-table.ts";
import { temporaryHome } from "./temporary-home.testing.ts";
import { type HealthPace, watchHealth } from "./watch-health.ts";

const QUICK: HealthPace = { every_ms: 100, answer_within_ms: 300, stopped_patience_ms: 1_000 };

async function setup(name: "redis" | "postgres", health?: HealthPace) {
  const restarting = Promise.withResolvers<ServerEvent>();
  const onEvent = (event: ServerEvent) => void (event.what === "restarting" && restarting.resolve(event));
  const server = (await startServers(temporaryHome(), [name], { onEvent, ...(health && { health }) }))[name];
  onTestFinished(() => server.stop());
  return { server, restarting: restarting.promise };
}

const silent = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("watchHealth() gives up a process that lives and does not answer three times", async () => {
  const never = new AbortController().signal;
  expect(await watchHealth({ pid: process.pid, dir: "/tmp", probe: silent }, never, QUICK)).toBe(true);
});

test("watchHealth() ends without a verdict when it is stopped", async () => {
  const stop = new AbortController();
  const watched = watchHealth({ pid: process.pid, dir: "/tmp", probe: async () => "ready" }, stop.signal);
  stop.abort();
  expect(await watched).toBe(false);
});

test("Server goes on with the same process after pause() and resume()", async () => {
  const { server } = await setup("redis");
  const { pid } = server;
  server.pause();
  await expect.poll(() => readProcess(pid ?? 0)?.state, { interval: 1 }).toBe("T");
  server.resume();
  expect(await redis(server.url, "PING")).toBe("PONG");
  expect(server.pid).toBe(pid);
});

test("Server restarts Postgres when it stays frozen with all its processes", async () => {
  const { server, restarting } = await setup("postgres", QUICK);
  const { pid, port } = server;
  server.pause();
  expect(await restarting).toMatchObject({ server: "postgres", reason: "not answering", pid });
  await server.ready();
  expect(server.pid).not.toBe(pid);
  expect(server.port).toBe(port);
}, 120_000);

test("stop() ends a paused server", async () => {
  const { server } = await setup("postgres");
  const pid = server.pid ?? 0;
  server.pause();
  await server.stop();
  expect(readProcess(pid)).toBeNull();
});
