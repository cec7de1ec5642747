import { hash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { json } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { cameraDetections, cameraFrame, decodeEvent } from "@gatehouse/events";
import { createDetectionStore, findCamera } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ground, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";
import { picture } from "../testing/pictures.fixture.ts";

let ground: Ground;
let gateway: TestGateway;
let secret: string;

beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground);
  secret = (await ground.key({ role: "operator" })).secret;
});
afterAll(async () => {
  await gateway?.stop();
  await ground?.stop();
});

async function send(camera: string, body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${gateway.url}/api/cameras/${camera}/frames`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "image/png", ...headers },
    body,
  });
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as never as Record<string, never>,
  };
}

test.each<[string, number, string, Parameters<typeof send>]>([
  ["a camera id with a dot", 400, "BAD_CAMERA_ID", ["front.door", picture()]],
  ["a camera id with a space", 400, "BAD_CAMERA_ID", ["front%20door", picture()]],
  ["a camera id of 65 letters", 400, "BAD_CAMERA_ID", ["a".repeat(65), picture()]],
  ["a wildcard for a camera", 400, "BAD_CAMERA_ID", ["*", picture()]],
  ["a frame id that does not fit", 400, "BAD_REQUEST", ["gate", picture(), { "idempotency-key": "a b" }]],
  ["a frame id of 129 letters", 400, "BAD_REQUEST", ["gate", picture(), { "idempotency-key": "a".repeat(129) }]],
  ["a time that is none", 400, "BAD_REQUEST", ["gate", picture(), { "x-captured-at-ms": "soon" }]],
  ["a wrong key", 401, "UNAUTHORIZED", ["gate", picture(), { authorization: "Bearer gh_wrong" }]],
  ["a scheme that is none", 401, "UNAUTHORIZED", ["gate", picture(), { authorization: "Basic YTpi" }]],
  ["JSON", 415, "UNSUPPORTED_MEDIA", ["gate", "{}", { "content-type": "application/json" }]],
  ["a GIF", 415, "UNSUPPORTED_MEDIA", ["gate", "GIF89a..........", { "content-type": "image/gif" }]],
  ["a PNG that is called a JPEG", 415, "UNSUPPORTED_MEDIA", ["gate", picture(), { "content-type": "image/jpeg" }]],
  ["text", 422, "NOT_AN_IMAGE", ["gate", "hello, world", { "content-type": "application/octet-stream" }]],
  ["nothing", 422, "NOT_AN_IMAGE", ["gate", ""]],
  ["half a picture", 422, "TRUNCATED", ["gate", picture().subarray(0, 60)]],
  ["too many pixels", 422, "TOO_MANY_PIXELS", ["gate", hugeHeader()]],
])("%s is refused with %i %s", async (_what, status, code, [camera, body, headers]) => {
  const answer = await send(camera, body, headers);
  expect([answer.status, answer.body]).toEqual([
    status,
    { error: expect.objectContaining({ code, retryable: false, message: expect.stringMatching(/^Cannot .+[^.]$/) }) },
  ]);
});

test("an upload of another content-type is told which ones are taken", async () => {
  const { body } = await send("gate", "a=b", { "content-type": "application/x-www-form-urlencoded" });
  expect(body).toMatchObject({
    error: {
      code: "UNSUPPORTED_MEDIA",
      message:
        'Cannot read the body as content-type must be image/jpeg or image/png or image/webp or application/octet-stream: current value is "application/x-www-form-urlencoded"',
    },
  });
});

test("a picture over 8 MiB is refused before it is read", async () => {
  const request = httpRequest(`${gateway.url}/api/cameras/gate/frames`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "image/jpeg", "content-length": 8 * 1024 * 1024 + 1 },
  });
  request.on("error", () => undefined);
  request.flushHeaders();
  const [answer] = await once(request, "response");
  expect(answer.statusCode).toBe(413);
  const [body] = await once(answer, "data");
  expect(JSON.parse(body).error.code).toBe("FRAME_TOO_LARGE");
  request.destroy();
});

test("a picture over 8 MiB that does not say its length is refused when it gets there", async () => {
  const headers = { authorization: `Bearer ${secret}`, "content-type": "image/jpeg" };
  const request = httpRequest(`${gateway.url}/api/cameras/gate/frames`, { method: "POST", headers });
  request.on("error", () => undefined);
  for (let i = 0; i < 9; i++) request.write(new Uint8Array(1024 * 1024));
  const [answer] = await once(request, "response");
  expect([answer.statusCode, await json(answer)]).toMatchObject([413, { error: { code: "FRAME_TOO_LARGE" } }]);
  request.destroy();
});

test("a picture without a name gets one, and makes its camera known", async () => {
  const { status, body } = await send("porch", picture(1), { "x-captured-at-ms": "1763700000000" });
  expect([status, body]).toEqual([202, { frame_id: expect.stringMatching(/^\d{13}-[0-9a-f]{8}$/), duplicate: false }]);
  expect(await findCamera(ground.db, "porch")).toMatchObject({ camera_id: "porch", first_seen_via: "http" });
  const kept = await ground.bus.lastMessage("CAMERA_FRAMES", "camera.porch.frame");
  expect(kept?.msg_id).toBe(`porch.${body.frame_id}`);
  expect(decodeEvent(cameraFrame, kept!)).toMatchObject({ captured_at_ms: 1_763_700_000_000, media_type: "image/png" });
});

test("a repeat is a duplicate also after the broker forgot it; another picture under its name is refused", async () => {
  const image = picture(7);
  const set = { ...cameraDetections.example, camera_id: "gate", frame_id: "old-1" };
  await createDetectionStore(ground.db).keep({
    set,
    sha256: hash("sha256", image),
    media_key: null,
    thumbnail_key: null,
  });
  const before = (await ground.bus.stream("CAMERA_FRAMES")).last_seq;
  expect(await send("gate", image, { "idempotency-key": "old-1" })).toMatchObject({
    status: 202,
    body: { frame_id: "old-1", duplicate: true },
  });
  expect((await ground.bus.stream("CAMERA_FRAMES")).last_seq).toBe(before);
  const other = await send("gate", picture(8), { "idempotency-key": "old-1" });
  expect([other.status, other.body]).toMatchObject([409, { error: { code: "FRAME_ID_REUSED" } }]);
});

test("another picture under the id of one that still waits is refused, not taken for its repeat", async () => {
  const headers = { "idempotency-key": "waits-1" };
  expect(await send("gate", picture(7), headers)).toMatchObject({ status: 202, body: { duplicate: false } });
  expect(await send("gate", picture(7), headers)).toMatchObject({ status: 202, body: { duplicate: true } });
  const other = await send("gate", picture(8), headers);
  expect([other.status, other.body]).toMatchObject([409, { error: { code: "FRAME_ID_REUSED" } }]);
});

test("a viewer's key may not send pictures, nor may no key", async () => {
  const viewer = (await ground.key({ role: "viewer" })).secret;
  expect(await send("gate", picture(), { authorization: `Bearer ${viewer}` })).toMatchObject({ status: 403 });
  const bare = await fetch(`${gateway.url}/api/cameras/gate/frames`, { method: "POST" });
  expect([bare.status, bare.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
});

test("a camera that sends too fast is told when to come again, others are not", async () => {
  const slow = await startGateway(ground, { GATEHOUSE_LIMITS__FRAMES_PER_S: "1" });
  const post = (camera: string) =>
    fetch(`${slow.url}/api/cameras/${camera}/frames`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "image/png" },
      body: picture(),
    });
  const answers = [await post("fast"), await post("fast"), await post("fast")];
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 429]);
  expect(answers[2]!.headers.get("retry-after")).toBe("1");
  expect(answers[2]!.headers.get("x-ratelimit-limit")).toBe("2");
  expect((await post("calm")).status).toBe(202);
  await slow.stop();
});

test("a camera that is not known is refused when cameras are not made by their first picture", async () => {
  const strict = await startGateway(ground, { GATEHOUSE_INGEST__AUTO_CREATE_CAMERAS: "false" });
  const answer = await fetch(`${strict.url}/api/cameras/stranger/frames`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "image/png" },
    body: picture(),
  });
  expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: "UNKNOWN_CAMERA" } }]);
  await strict.stop();
});

test("a full queue of pictures refuses with BACKLOG_FULL and when to come again", async () => {
  const { config } = await ground.bus.manager.streams.info("CAMERA_FRAMES");
  await ground.bus.manager.streams.update("CAMERA_FRAMES", { ...config, max_bytes: 1 });
  const answer = await send("gate", picture(11));
  expect([answer.status, answer.body]).toMatchObject([503, { error: { code: "BACKLOG_FULL", retryable: true } }]);
  expect(answer.headers.get("retry-after")).toBe("1");
  await ground.bus.manager.streams.update("CAMERA_FRAMES", { ...config });
  expect((await send("gate", picture(11))).status).toBe(202);
});

test("while the broker is away a picture is refused with 503 and when to come again", async () => {
  ground.servers.nats.pause();
  try {
    await standsStill(ground.servers.nats.pid!);
    const answer = await send("gate", picture(9));
    expect([answer.status, answer.body]).toMatchObject([503, { error: { code: "BUS_UNAVAILABLE", retryable: true } }]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  } finally {
    ground.servers.nats.resume();
  }
});

/** Resolves when the process was stopped: its signal is on its way for a moment. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
async function standsStill(pid: number): Promise<void> {
  while (!readFileSync(`/proc/${pid}/stat`, "utf8").includes(") T ")) await setImmediate();
}

/** A PNG whose header announces 60,000 x 60,000 pixels. */
function hugeHeader(): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(picture());
  bytes.writeUInt32BE(60_000, 16);
  bytes.writeUInt32BE(60_000, 20);
  return bytes;
}
