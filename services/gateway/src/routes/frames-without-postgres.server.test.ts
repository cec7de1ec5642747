import { revokeKey } from "@gatehouse/store";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { createKeyring } from "../auth/keyring.ts";
import { Client } from "../testing/client.fixture.ts";
import { type Ground, NO_LIMITS, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";
import { picture } from "../testing/pictures.fixture.ts";

let ground: Ground;
let gateway: TestGateway;
let strict: TestGateway;
let known: string;
let unknown: string;

beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground);
  strict = await startGateway(ground, { ...NO_LIMITS, GATEHOUSE_INGEST__AUTO_CREATE_CAMERAS: "false" });
});
afterAll(async () => {
  await gateway?.stop();
  await strict?.stop();
  await ground?.stop();
});
beforeEach(async () => {
  known = (await ground.key({ role: "operator" })).secret;
  unknown = (await ground.key({ role: "operator" })).secret;
});

interface Sent {
  camera?: string;
  name?: string;
  shade?: number;
  url?: string;
}

async function send(secret: string, { camera = "gate", name, shade = 0, url = gateway.url }: Sent = {}) {
  const answer = await fetch(`${url}/api/cameras/${camera}/frames`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${secret}`,
      "content-type": "image/png",
      ...(name ? { "idempotency-key": name } : {}),
    },
    body: picture(shade),
  });
  return { status: answer.status, body: await answer.json(), retry_after: answer.headers.get("retry-after") };
}

async function withoutPostgres(): Promise<void> {
  await ground.servers.postgres.stop();
  onTestFinished(() => ground.servers.postgres.start());
}

test("while Postgres is away pictures of known keys are taken, also of new cameras; unknown keys wait", async () => {
  expect((await send(known)).status).toBe(202);
  await withoutPostgres();
  expect(await send(known, { camera: "new", name: "f-1", shade: 1 })).toMatchObject({
    status: 202,
    body: { frame_id: "f-1", duplicate: false },
  });
  expect(await send(known, { camera: "new", name: "f-1", shade: 1 })).toMatchObject({ body: { duplicate: true } });
  expect(await send(known, { camera: "new", name: "f-1", shade: 2 })).toMatchObject({
    status: 409,
    body: { error: { code: "FRAME_ID_REUSED" } },
  });
  expect(await ground.bus.lastMessage("CAMERA_FRAMES", "camera.new.frame")).toMatchObject({ msg_id: "new.f-1" });
  expect(await send(unknown)).toMatchObject({
    status: 503,
    body: { error: { code: "POSTGRES_DOWN", retryable: true } },
    retry_after: "1",
  });
});

test("while Postgres is away a known key opens a WebSocket and follows what the bus has", async () => {
  const client = await Client.open(gateway.ws_url, known);
  client.socket.terminate();
  await withoutPostgres();
  const again = await Client.open(gateway.ws_url, known);
  expect(await again.ask({ op: "subscribe", id: "s", subject: "camera.*.event.>" })).toMatchObject({
    op: "subscribed",
  });
  again.socket.terminate();
});

test("where cameras are not made by their first picture, those that sent one go on without Postgres", async () => {
  await gateway.deps.cameras.admit("named", "test");
  expect((await send(known, { camera: "named", url: strict.url })).status).toBe(202);
  await withoutPostgres();
  expect((await send(known, { camera: "named", url: strict.url })).status).toBe(202);
  expect(await send(known, { camera: "stranger", url: strict.url })).toMatchObject({
    status: 503,
    body: { error: { code: "POSTGRES_DOWN" } },
  });
});

test("a Postgres that answers nobody keeps no known key waiting for good", async () => {
  expect((await send(known)).status).toBe(202);
  ground.servers.postgres.pause();
  onTestFinished(async () => {
    ground.servers.postgres.resume();
    await ground.servers.postgres.ready();
  });
  expect(await send(known, { camera: "frozen", name: "f-1" })).toMatchObject({ status: 202 });
});

test("bySecret() refuses a revoked key once 10 s have passed, and while Postgres is away a known one after 15 min", async () => {
  let now_ms = 1_000_000;
  const keyring = createKeyring(gateway.deps.db, () => now_ms);
  const { key, secret } = await ground.key({ role: "viewer" });
  const ended = await ground.key({ role: "viewer" });
  expect(await keyring.bySecret(ended.secret)).toMatchObject({ key_id: ended.key.key_id });
  await revokeKey(ground.db, ended.key.key_id);
  now_ms += 9_999;
  expect(await keyring.bySecret(ended.secret)).toMatchObject({ key_id: ended.key.key_id });
  now_ms += 1;
  expect(await keyring.bySecret(ended.secret)).toBeNull();

  expect(await keyring.bySecret(secret)).toMatchObject({ key_id: key.key_id });
  await withoutPostgres();
  now_ms += 15 * 60_000 - 1;
  expect(await keyring.bySecret(secret)).toMatchObject({ key_id: key.key_id });
  expect(await keyring.byId(key.key_id)).toMatchObject({ key_id: key.key_id });
  await expect(keyring.bySecret(ended.secret)).rejects.toMatchObject({ code: "POSTGRES_DOWN" });
  now_ms += 5_000;
  await expect(keyring.bySecret(secret)).rejects.toMatchObject({ code: "POSTGRES_DOWN" });
  await expect(keyring.byId(key.key_id)).rejects.toMatchObject({ code: "POSTGRES_DOWN" });
});

test("bySecret() asks again as soon as Postgres is back", async () => {
  let now_ms = 1_000_000;
  const keyring = createKeyring(gateway.deps.db, () => now_ms);
  const { key, secret } = await ground.key({ role: "viewer" });
  expect(await keyring.bySecret(secret)).toMatchObject({ key_id: key.key_id });
  await ground.servers.postgres.stop();
  now_ms += 10_000;
  expect(await keyring.bySecret(secret)).toMatchObject({ key_id: key.key_id });
  await ground.servers.postgres.start();
  await revokeKey(ground.db, key.key_id);
  now_ms += 5_000;
  expect(await keyring.bySecret(secret)).toBeNull();
});
