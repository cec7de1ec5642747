import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { cameraDetections, cameraEventCreated } from "@gatehouse/events";
import { createDetectionStore, insertRevision, listAudit } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLoginCode } from "../service.ts";
import { Client } from "../testing/client.fixture.ts";
import { type Ground, NO_LIMITS, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";
import { picture } from "../testing/pictures.fixture.ts";

let ground: Ground;
let gateway: TestGateway;
let admin: { secret: string; key: { key_id: string } };

beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground);
  admin = await ground.key({ role: "admin" });
});
afterAll(async () => {
  await gateway?.stop();
  await ground?.stop();
});

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  url?: string;
}

/** Not fetch: that does not let a test choose Host. */
async function ask(path: string, { method = "GET", headers = {}, body, url = gateway.url }: Asked = {}) {
  const request = httpRequest(`${url}${path}`, { method, headers });
  request.end(body);
  const [answer] = await once(request, "response");
  const said = await text(answer);
  const json = String(answer.headers["content-type"]).includes("json");
  return { status: answer.statusCode as number, headers: answer.headers, body: json && said ? JSON.parse(said) : said };
}

const keyed = (more: Asked = {}): Asked => ({
  ...more,
  headers: {
    authorization: `Bearer ${admin.secret}`,
    ...(more.body ? { "content-type": "application/json" } : {}),
    ...more.headers,
  },
});

const bearer = (secret: string): Asked => ({ headers: { authorization: `Bearer ${secret}` } });
const post = (body: string, headers: Record<string, string> = {}): Asked => ({ method: "POST", body, headers });

test.each<[string, string, Asked, number, string]>([
  ["a route that is none", "/api/nothing", {}, 404, "NOT_FOUND"],
  ["metrics", "/metrics", {}, 404, "NOT_FOUND"],
  ["no key", "/api/events", {}, 401, "UNAUTHORIZED"],
  ["a key of 300 letters", "/api/events", bearer("a".repeat(300)), 401, "UNAUTHORIZED"],
  ["a session that is none", "/api/events", { headers: { cookie: "gatehouse_session=abc" } }, 401, "UNAUTHORIZED"],
  ["another host", "/livez", { headers: { host: "evil.example" } }, 403, "FOREIGN_HOST"],
])("%s is refused", async (_what, path, asked, status, code) => {
  const answer = await ask(path, asked);
  expect([answer.status, answer.body]).toMatchObject([status, { error: { code, retryable: false } }]);
});

test.each<[string, string, Asked, number, string]>([
  ["a cursor of nobody", "/api/events?cursor=nonsense", {}, 400, "BAD_CURSOR"],
  ["a limit of none", "/api/events?limit=0", {}, 400, "BAD_REQUEST"],
  ["a score that is none", "/api/events?min_score=high", {}, 400, "BAD_REQUEST"],
  ["a level that is none", "/api/events?level=bad", {}, 400, "BAD_REQUEST"],
  ["an event that is none", "/api/events/none", {}, 404, "NOT_FOUND"],
  ["a picture of no event", "/api/events/none/snapshot", {}, 404, "NOT_FOUND"],
  ["a picture of no camera", "/api/cameras/none/snapshot", {}, 404, "NOT_FOUND"],
  ["a way out of the media", "/api/cameras/..%2f..%2fetc/snapshot", {}, 404, "NOT_FOUND"],
  ["a camera that is none", "/api/cameras/none", {}, 404, "NOT_FOUND"],
  ["a name with a NUL", "/api/cameras", post('{"camera_id":"gate","name":"a\\u0000b"}'), 400, "BAD_REQUEST"],
  ["broken JSON", "/api/cameras", post("{"), 400, "BAD_REQUEST"],
  ["a body without its fields", "/api/cameras", post("{}"), 400, "BAD_REQUEST"],
  ["a camera id with a dot", "/api/cameras", post('{"camera_id":"a.b"}'), 400, "BAD_CAMERA_ID"],
  ["a body of 100 kB", "/api/cameras", post(`{"camera_id":"${"x".repeat(100_000)}"}`), 413, "BODY_TOO_LARGE"],
  ["no body for one", "/api/cameras", post("", { "content-type": "application/json" }), 400, "BAD_REQUEST"],
  ["text for JSON", "/api/cameras", post("x", { "content-type": "text/xml" }), 415, "UNSUPPORTED_MEDIA"],
  ["a dead letter that is none", "/api/dead-letters/7", {}, 404, "NOT_FOUND"],
  ["a dead letter that is no number", "/api/dead-letters/x", {}, 400, "BAD_REQUEST"],
  ["redriving everything by accident", "/api/dead-letters/redrive", post("{}"), 400, "BAD_REQUEST"],
])("%s is refused to a key that may", async (_what, path, asked, status, code) => {
  const answer = await ask(path, keyed(asked));
  expect([answer.status, answer.body]).toMatchObject([status, { error: { code, retryable: false } }]);
});

test("health is open to anyone", async () => {
  expect(await ask("/livez")).toMatchObject({ status: 200, body: { status: "alive" } });
  expect(await ask("/readyz")).toMatchObject({
    status: 200,
    body: { status: "ready", services: [{ service: "gateway" }] },
  });
});

test("answers carry headers that keep browsers from doing harm, and none that lets other sites in", async () => {
  const { headers } = await ask("/");
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["access-control-allow-origin"]).toBeUndefined();
});

test("the OpenAPI document names every route, and there is a page to try it", async () => {
  const { body } = await ask("/api/openapi.json");
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining([
      "/api/cameras/{id}/frames",
      "/api/events",
      "/api/dead-letters/{seq}/redrive",
      "/api/system",
      "/api/chat/messages",
      "/api/documents",
      "/v1/chat/completions",
      "/v1/embeddings",
    ]),
  );
  const page = await ask("/api/docs/");
  expect(page).toMatchObject({ status: 200, body: expect.stringContaining("swagger") });
  expect(page.headers["content-security-policy"]).toContain("script-src 'self'");
  const script = await ask("/api/docs/static/swagger-initializer.js");
  expect(script).toMatchObject({ status: 200, body: expect.stringContaining("/api/openapi.json") });
  const { body: events } = await ask("/api/asyncapi.json");
  expect(events.channels["camera-frame"]).toMatchObject({ address: "camera.{camera_id}.frame" });
});

test("a printed link logs a browser in once; its cookie works from our own pages only", async () => {
  const { code } = await createLoginCode(ground.backing.redis_url, admin.key.key_id);
  const login = () =>
    ask("/api/session", {
      method: "POST",
      body: JSON.stringify({ code }),
      headers: { "content-type": "application/json" },
    });
  const first = await login();
  expect(first).toMatchObject({ status: 200, body: { role: "admin" } });
  const [set] = first.headers["set-cookie"];
  expect(set).toMatch(/^gatehouse_session=[\w-]{43}; .*HttpOnly; SameSite=Strict$/);
  expect((await login()).status).toBe(401);

  const cookie = set.split(";")[0];
  const post = (origin: string | null) =>
    ask("/api/cameras", {
      method: "POST",
      body: '{"camera_id":"by-cookie"}',
      headers: { cookie, "content-type": "application/json", ...(origin === null ? {} : { origin }) },
    });
  expect((await ask("/api/session", { headers: { cookie } })).body).toMatchObject({ role: "admin" });
  expect((await post(null)).status).toBe(403);
  expect((await post("http://evil.example")).status).toBe(403);
  expect((await post(gateway.url)).status).toBe(201);
  const socket = new Client(gateway.ws_url, { headers: { cookie }, origin: gateway.url });
  await once(socket.socket, "open");
  expect(await socket.ask({ op: "subscribe", id: "s", subject: "alert.>" })).toMatchObject({ op: "subscribed" });
  socket.socket.terminate();
  expect((await ask("/api/session", { method: "DELETE", headers: { cookie, origin: gateway.url } })).status).toBe(204);
  expect((await ask("/api/session", { headers: { cookie } })).status).toBe(401);
});

test("cameras are listed with their last frame and its picture; every change is in the audit", async () => {
  const created = await ask("/api/cameras", keyed({ method: "POST", body: '{"camera_id":"gate","name":"The gate"}' }));
  expect(created).toMatchObject({ status: 201, body: { name: "The gate", status: "unknown", last_frame: null } });
  await keepFrame("gate", "f-1");
  await ground.bus.publish("camera.gate.status", Buffer.from('{"status":"online","timestamp_ms":1}'));
  const { body } = await ask("/api/cameras", keyed());
  expect(body.items.find(({ camera_id }: { camera_id: string }) => camera_id === "gate")).toMatchObject({
    status: "online",
    last_frame: { frame_id: "f-1", detection_count: 1 },
  });
  const snapshot = await ask("/api/cameras/gate/snapshot", keyed());
  expect([snapshot.headers["content-type"], snapshot.headers["x-frame-id"]]).toEqual(["image/png", "f-1"]);
  expect((await ask("/api/cameras/gate/snapshot?boxes=1", keyed())).headers["content-type"]).toBe("image/jpeg");
  const renamed = await ask("/api/cameras", keyed({ method: "POST", body: '{"camera_id":"gate","name":"Gate"}' }));
  expect(renamed).toMatchObject({ status: 200, body: { name: "Gate" } });
  const audit = await listAudit(ground.db, { limit: 2 });
  expect(audit.items.map(({ action, target }) => [action, target])).toEqual([
    ["camera.rename", "gate"],
    ["camera.create", "gate"],
  ]);
});

test("events are found by what they are, acknowledged once and judged", async () => {
  const risk = { ...cameraEventCreated.example.risk, summary: "A stranger with a ladder" };
  await insertRevision(ground.db, { ...cameraEventCreated.example, event_id: "e-1", risk });
  await insertRevision(ground.db, { ...cameraEventCreated.example, event_id: "e-2", started_at_ms: 5 });
  const ids = async (query: string) =>
    (await ask(`/api/events?${query}`, keyed())).body.items.map(({ event_id }: { event_id: string }) => event_id);
  expect(await ids("text=ladder")).toEqual(["e-1"]);
  expect(await ids("until_ms=6")).toEqual(["e-2"]);
  expect(await ids("level=medium&label=dog&min_score=42&camera_id=front-door")).toEqual(["e-1", "e-2"]);
  const page = await ask("/api/events?limit=1", keyed());
  expect(await ids(`limit=1&cursor=${page.body.next_cursor}`)).toEqual(["e-2"]);
  const seen = await ask("/api/events/e-1/acknowledge", keyed({ method: "POST" }));
  expect(seen.body).toMatchObject({ event_id: "e-1", acknowledged_by: "test" });
  await ask("/api/events/e-1/feedback", keyed({ method: "POST", body: '{"verdict":"false_alarm"}' }));
  expect((await ask("/api/events/e-1", keyed())).body).toMatchObject({
    feedback: [{ verdict: "false_alarm", by: "test" }],
  });
});

test("a viewer sees events and may change nothing", async () => {
  const { secret } = await ground.key({ role: "viewer" });
  const headers = { authorization: `Bearer ${secret}` };
  expect((await ask("/api/detections", { headers })).status).toBe(200);
  const refused = [
    await ask("/api/events/e-1/acknowledge", { method: "POST", headers }),
    await ask("/api/cameras", {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: '{"camera_id":"x"}',
    }),
    await ask("/api/dead-letters", { headers }),
    await ask("/api/system", { headers }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
});

const SILENT = ["chat-handler", "detection-ingest", "enrichment", "pipeline-bridge"];

test("the system page tells of services, streams, consumers with their lag, due work and media", async () => {
  const { body } = await ask("/api/system", keyed());
  const [own, ...others] = body.services.toSorted((a: { status: string }) => (a.status === "ready" ? -1 : 1));
  expect(own).toMatchObject({ service: "gateway", status: "ready" });
  expect(others.map(({ service }: { service: string }) => service).toSorted()).toEqual(SILENT);
  for (const { reasons } of others) expect(reasons).toMatchObject([{ code: "SILENT" }]);
  expect(body.streams.find(({ name }: { name: string }) => name === "CAMERA_FRAMES")).toMatchObject({
    max_bytes: 2048 * 1024 * 1024,
  });
  expect(body.consumers.find(({ durable }: { durable: string }) => durable === "enrichment")).toMatchObject({ lag: 0 });
  expect(body.media).toMatchObject({ max_bytes: 2048 * 1024 * 1024 });
});

test("a key that asks too often is told when to come again, wrong keys are counted by address", async () => {
  const strict = await startGateway(ground, {
    GATEHOUSE_LIMITS__REQUESTS_PER_MIN: "1",
    GATEHOUSE_LIMITS__REQUESTS_BURST: "1",
    GATEHOUSE_LIMITS__WRONG_KEYS_PER_MIN: "2",
  });
  const read = (secret: string) =>
    ask("/api/events", { url: strict.url, headers: { authorization: `Bearer ${secret}` } });
  const answers = [await read(admin.secret), await read(admin.secret), await read(admin.secret)];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(answers[1]!.headers).toMatchObject({ "x-ratelimit-limit": "2", "x-ratelimit-remaining": "0" });
  expect(Number(answers[2]!.headers["retry-after"])).toBeGreaterThan(0);
  expect([(await read("gh_a")).status, (await read("gh_b")).status, (await read("gh_c")).status]).toEqual([
    401, 401, 429,
  ]);
  await strict.stop();
});

test("a gateway that everybody can connect to answers to its public name and loopback only, once it was told its name", async () => {
  const everywhere = { ...NO_LIMITS, GATEHOUSE_GATEWAY__HOST: "0.0.0.0" };
  const told = await startGateway(ground, { ...everywhere, GATEHOUSE_GATEWAY__PUBLIC_URL: "https://gate.example" });
  const untold = await startGateway(ground, everywhere);
  const { port } = new URL(told.url);
  const asked = async (host: string, { url } = told) => {
    const at = `http://127.0.0.1:${new URL(url).port}`;
    const { status, body } = await ask("/livez", { url: at, headers: { host } });
    return [status, body.error?.message];
  };
  expect(await asked("gate.example")).toEqual([200, undefined]);
  expect(await asked(`localhost:${port}`)).toEqual([200, undefined]);
  expect(await asked("evil.example")).toEqual([
    403,
    'Cannot answer for host "evil.example" as it must be "gate.example", the host of gateway.public_url, or a loopback name',
  ]);
  expect(await asked("evil.example", untold)).toEqual([200, undefined]);
  await told.stop();
  await untold.stop();
});

test("a port that is taken is named, and how to choose another", async () => {
  const port = new URL(gateway.url).port;
  await expect(startGateway(ground, { GATEHOUSE_GATEWAY__PORT: port })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${port} as the port must be free: another program has it; choose one with --port or gateway.port`,
  );
});

async function keepFrame(camera_id: string, frame_id: string): Promise<void> {
  const media_key = `${camera_id}/${frame_id}.png`;
  await gateway.deps.media.put(media_key, picture());
  const set = { ...cameraDetections.example, camera_id, frame_id };
  await createDetectionStore(ground.db).keep({ set, sha256: randomUUID(), media_key, thumbnail_key: null });
}
