import { request } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { ServiceReadiness } from "./readiness.ts";
import { startHealth } from "./start-health.ts";

const reason = { code: "POSTGRES_DOWN", message: "Cannot reach Postgres", since_ms: 1_763_000_000_000 };
const service = (status: ServiceReadiness["status"], name = "voice"): ServiceReadiness => ({
  service: name,
  status,
  reasons: status === "ready" ? [] : [reason],
});

async function setup(services: () => ServiceReadiness[] = () => [service("ready")], text = async () => "up 1\n") {
  const health = await startHealth({ host: "127.0.0.1", port: 0, services, metrics: { text } });
  onTestFinished(() => health.stop());
  return { health, get: (path: string, init?: RequestInit) => fetch(health.url + path, init) };
}

test("startHealth() answers /livez without asking anybody", async () => {
  const { get } = await setup(() => {
    throw new Error("asked");
  });
  const answer = await get("/livez?x=1");
  expect([answer.status, await answer.json()]).toEqual([200, { status: "alive" }]);
});

test("/readyz says how each service is, and 503 only when one is not ready", async () => {
  const now: ServiceReadiness[] = [];
  const { get } = await setup(() => now);
  const ask = async () => {
    const answer = await get("/readyz");
    return [answer.status, ((await answer.json()) as { status: string }).status];
  };
  expect(await ask()).toEqual([503, "not_ready"]);
  now.push(service("ready"));
  expect(await ask()).toEqual([200, "ready"]);
  now.push(service("degraded", "chat-handler"));
  expect(await ask()).toEqual([200, "degraded"]);
  now.push(service("not_ready", "enrichment"));
  expect(await ask()).toEqual([503, "not_ready"]);
  expect(await (await get("/readyz")).json()).toEqual({ status: "not_ready", services: now });
});

test("/metrics is text of the Prometheus format", async () => {
  const { get } = await setup();
  const answer = await get("/metrics");
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await answer.text()).toBe("up 1\n");
});

test("other paths and methods are refused, and a source that fails is 500", async () => {
  const { get } = await setup(() => {
    throw new Error("postgres://me:secret@host");
  });
  expect((await get("/")).status).toBe(404);
  expect((await get("/constructor")).status).toBe(404);
  const posted = await get("/livez", { method: "POST", body: "x" });
  expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  const head = await get("/livez", { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  const failed = await get("/readyz");
  expect(failed.status).toBe(500);
  expect(await failed.text()).not.toContain("secret");
});

test("headers over 8 KiB are refused", async () => {
  const { health } = await setup();
  const status = await new Promise((resolve, reject) => {
    request(`${health.url}/livez`, { headers: { x: "y".repeat(9000) } }, (answer) =>
      resolve(answer.resume().statusCode),
    )
      .once("error", reject)
      .end();
  });
  expect(status).toBe(431);
});

test("stop() ends connections that say nothing, and may be called again", async () => {
  const { health } = await setup();
  const silent = connect(health.port, "127.0.0.1");
  await new Promise((resolve) => silent.once("connect", resolve));
  const ended = new Promise((resolve) => silent.once("close", resolve));
  await Promise.all([health.stop(), health.stop()]);
  await ended;
  await expect(fetch(`${health.url}/livez`)).rejects.toThrow();
});

test("startHealth() fails when the port is taken", async () => {
  const { health } = await setup();
  const again = startHealth({
    host: "127.0.0.1",
    port: health.port,
    services: () => [],
    metrics: { text: async () => "" },
  });
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
});
