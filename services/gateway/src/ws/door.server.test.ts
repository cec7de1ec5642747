import { once } from "node:events";
import { chatMessage, chatResponse, encode } from "@gatehouse/events";
import { revokeKey } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { Client, type Told } from "../testing/client.fixture.ts";
import { type Ground, NO_LIMITS, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";
import { picture } from "../testing/pictures.fixture.ts";

let ground: Ground;
let gateway: TestGateway;
let admin: string;
let ada: string;
let bob: string;

beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground);
  admin = (await ground.key({ role: "admin" })).secret;
  ada = (await ground.key({ role: "viewer", user_id: "ada" })).secret;
  bob = (await ground.key({ role: "viewer", user_id: "bob" })).secret;
});
afterAll(async () => {
  await gateway?.stop();
  await ground?.stop();
});

const refusedUpgrade = async (options: object, path = "/ws"): Promise<number> => {
  const socket = new WebSocket(`${gateway.url.replace("http", "ws")}${path}`, options);
  const [, answer] = await once(socket, "unexpected-response");
  answer.destroy();
  return answer.statusCode;
};

test("an upgrade is refused for another path, a wrong key, another host, and a cookie from another site", async () => {
  const headers = { authorization: `Bearer ${admin}` };
  expect(await refusedUpgrade({ headers }, "/other")).toBe(404);
  expect(await refusedUpgrade({ headers: { authorization: "Bearer gh_wrong" } })).toBe(401);
  expect(await refusedUpgrade({ headers: { ...headers, host: "evil.example" } })).toBe(403);
  expect(
    await refusedUpgrade({ headers: { cookie: `gatehouse_session=${"a".repeat(43)}` }, origin: "http://evil.example" }),
  ).toBe(403);
});

test("a key may come as the first message", async () => {
  const client = new Client(gateway.ws_url);
  await once(client.socket, "open");
  expect(await client.ask({ op: "auth", key: ada })).toEqual({ op: "authenticated", role: "viewer", user_id: "ada" });
  expect(await client.ask({ op: "subscribe", id: "a", subject: "camera.*.event.>" })).toMatchObject({
    op: "subscribed",
  });
  client.socket.terminate();
});

test.each<[string, object | string]>([
  ["a wrong key", { op: "auth", key: "gh_wrong" }],
  ["another request", { op: "subscribe", id: "a", subject: "camera.*.event.>" }],
  ["nonsense", "nonsense"],
])("%s as the first message ends the connection with 1008", async (_what, first) => {
  const client = new Client(gateway.ws_url);
  await once(client.socket, "open");
  if (typeof first === "string") client.socket.send(first);
  else client.send(first);
  expect((await client.closed()).code).toBe(1008);
});

test("nothing as the first message ends the connection with 1008 after 5 s", async () => {
  const client = new Client(gateway.ws_url);
  await once(client.socket, "open");
  const opened_ms = performance.now();
  expect((await client.closed()).code).toBe(1008);
  expect(performance.now() - opened_ms).toBeGreaterThan(4_000);
});

test.each<[string, Told, string]>([
  ["a pattern that is none", { op: "subscribe", id: "a", subject: "camera..x" }, "SUBJECT_NOT_ALLOWED"],
  ["the broker's own subjects", { op: "subscribe", id: "a", subject: "$JS.>" }, "SUBJECT_NOT_ALLOWED"],
  ["inboxes", { op: "subscribe", id: "a", subject: "_INBOX.>" }, "SUBJECT_NOT_ALLOWED"],
  ["several streams", { op: "subscribe", id: "a", subject: "camera.>" }, "SUBJECT_SPANS_STREAMS"],
  ["everything", { op: "subscribe", id: "a", subject: ">" }, "SUBJECT_SPANS_STREAMS"],
  [
    "the past of what no stream keeps",
    { op: "subscribe", id: "a", subject: "ai.chat.response.r", from: "all" },
    "BAD_MESSAGE",
  ],
  ["the past of pictures", { op: "subscribe", id: "a", subject: "camera.*.frame", from: { seq: 1 } }, "BAD_MESSAGE"],
  [
    "a sequence beyond the last",
    { op: "subscribe", id: "a", subject: "alert.>", from: { seq: 9_999 } },
    "STREAM_RESET",
  ],
  ["another epoch", { op: "subscribe", id: "a", subject: "alert.>", from: { seq: 1, epoch: 5 } }, "STREAM_RESET"],
  ["an op that is none", { op: "fly", id: "a" }, "BAD_MESSAGE"],
  [
    "publishing what services make",
    { op: "publish", id: "a", subject: "camera.gate.detections", data: {} },
    "SUBJECT_NOT_ALLOWED",
  ],
  ["publishing a dead letter", { op: "publish", id: "a", subject: "dead.x", data: {} }, "SUBJECT_NOT_ALLOWED"],
  ["publishing on a wildcard", { op: "publish", id: "a", subject: "camera.*.frame", data: {} }, "SUBJECT_NOT_ALLOWED"],
  [
    "a message without its fields",
    { op: "publish", id: "a", subject: "ai.chat.user.x.message", data: {} },
    "PAYLOAD_INVALID",
  ],
  [
    "ids that disagree",
    { op: "publish", id: "a", subject: "ai.chat.user.x.login", data: { user_id: "y" } },
    "PAYLOAD_INVALID",
  ],
  [
    "a picture that is none",
    {
      op: "publish",
      id: "a",
      subject: "camera.gate.frame",
      data: { captured_at_ms: 1, media_type: "image/png", image: "AAAA" },
    },
    "PAYLOAD_INVALID",
  ],
])("even an admin is refused %s", async (_what, request, code) => {
  const client = await Client.open(gateway.ws_url, admin);
  expect(await client.ask(request)).toEqual({ op: "error", id: "a", code, message: expect.stringMatching(/^Cannot /) });
  client.socket.terminate();
});

test("an id is in use until its subscription ends, and there are at most so many", async () => {
  const few = await startGateway(ground, { ...NO_LIMITS, GATEHOUSE_LIMITS__WS_SUBSCRIPTIONS: "2" });
  const client = await Client.open(few.ws_url, admin);
  const subscribe = (id: string) => client.ask({ op: "subscribe", id, subject: "alert.>" });
  expect(await subscribe("a")).toMatchObject({ op: "subscribed" });
  expect(await subscribe("a")).toMatchObject({ code: "ID_IN_USE", id: "a" });
  expect(await subscribe("b")).toMatchObject({ op: "subscribed" });
  expect(await subscribe("c")).toMatchObject({ code: "TOO_MANY_SUBSCRIPTIONS", id: "c" });
  client.send({ op: "unsubscribe", id: "a" });
  expect(await subscribe("a")).toMatchObject({ op: "subscribed" });
  client.socket.terminate();
  await few.stop();
});

test("a connection that asks too fast is told RATE_LIMITED, one that sends nonsense twenty times is closed", async () => {
  const strict = await startGateway(ground, { GATEHOUSE_LIMITS__WS_OPS_PER_S: "1" });
  const client = await Client.open(strict.ws_url, admin);
  for (const id of ["a", "b", "c"]) client.send({ op: "subscribe", id, subject: "alert.>" });
  expect(await client.next(({ code }) => code === "RATE_LIMITED")).toMatchObject({ id: "c" });
  const closed = client.closed();
  for (let i = 0; i < 20; i++) client.socket.send("nonsense");
  expect((await closed).code).toBe(1008);
  expect(client.heard.filter(({ code }) => code === "BAD_MESSAGE")).toHaveLength(20);
  await strict.stop();
});

test("what is too large ends the connection with 1009", async () => {
  const plain = await Client.open(gateway.ws_url, admin);
  plain.send({ op: "subscribe", id: "a", subject: "alert.>", more: "x".repeat(1024 * 1024) });
  expect((await plain.closed()).code).toBe(1009);
  const huge = await Client.open(gateway.ws_url, admin);
  huge.socket.on("error", () => undefined);
  huge.socket.send(Buffer.alloc(12 * 1024 * 1024 + 1));
  expect((await huge.closed()).code).toBe(1009);
});

test("a user publishes and follows what is the user's own, and nobody else's", async () => {
  const mine = await Client.open(gateway.ws_url, ada);
  const data = { request_id: "r-ada", message: "Who is at the door?" };
  const publish = { op: "publish", id: "p1", subject: "ai.chat.user.ada.message", data, msg_id: "m-1" };
  const first = await mine.ask(publish);
  expect(first).toMatchObject({ op: "published", id: "p1", stream: "COMPANIONS_CHAT", duplicate: false });
  expect(await mine.ask(publish)).toEqual({ ...first, duplicate: true });
  const kept = await ground.bus.message("COMPANIONS_CHAT", first.seq);
  expect(kept?.msg_id).toBe("ada.m-1");
  expect(await mine.ask({ op: "subscribe", id: "s", subject: "ai.chat.response.stream.r-ada" })).toMatchObject({
    op: "subscribed",
  });

  const other = await Client.open(gateway.ws_url, bob);
  const refused = [
    await other.ask({ ...publish, id: "p" }),
    await other.ask({ op: "subscribe", id: "a", subject: "ai.chat.response.stream.r-ada" }),
    await other.ask({ op: "subscribe", id: "b", subject: "ai.chat.user.ada.message" }),
    await other.ask({ op: "subscribe", id: "c", subject: "ai.chat.response.stream.*" }),
  ];
  expect(refused.map(({ code }) => code)).toEqual(Array(4).fill("SUBJECT_NOT_ALLOWED"));
  const taken = await other.ask({ op: "publish", id: "q", subject: "ai.chat.user.bob.message", data });
  expect(taken).toMatchObject({ code: "PAYLOAD_INVALID", message: expect.stringContaining("another user") });
  mine.socket.terminate();
  other.socket.terminate();
});

test("a key that was given a pattern over everybody's answers hears nobody's but its own", async () => {
  const subjects = ["ai.chat.response.>", "ai.chat.user.*.>", "scan.>"];
  const client = await Client.open(gateway.ws_url, (await ground.key({ role: "viewer", subjects })).secret);
  const follow = (subject: string) => client.ask({ op: "subscribe", id: subject, subject });
  for (const subject of ["ai.chat.response.>", "ai.chat.response.stream.*", "ai.chat.user.ada.>"])
    expect(await follow(subject)).toMatchObject({ op: "error", code: "SUBJECT_NOT_ALLOWED" });
  for (const subject of ["ai.chat.response.stream.r-greedy", "scan.>"])
    expect(await follow(subject)).toMatchObject({ op: "subscribed" });
  const publish = { op: "publish", id: "p", subject: "ai.chat.user.ada.message", data: { message: "Hello" } };
  expect(await client.ask(publish)).toMatchObject({ code: "SUBJECT_NOT_ALLOWED" });
  client.socket.terminate();
});

test("the answer to a request of one's own is heard live, though no stream keeps it", async () => {
  const client = await Client.open(gateway.ws_url, ada);
  const subject = "ai.chat.response.r-live";
  const subscribed = await client.ask({ op: "subscribe", id: "s", subject });
  expect(subscribed).toEqual({ op: "subscribed", id: "s", stream: null, epoch: null, first_seq: null, seq: null });
  await ground.bus.connection.flush();
  await gateway.deps.bus.stream("DEAD_LETTERS");
  ground.bus.send(subject, encode({ ...chatResponse.example, request_id: "r-live", response: "The postman" }));
  expect(await client.next()).toMatchObject({
    op: "message",
    id: "s",
    subject,
    seq: null,
    data: { response: "The postman" },
  });
  client.socket.terminate();
});

test("pictures are published through the same checks as over HTTP, and watched live", async () => {
  const operator = (await ground.key({ role: "operator" })).secret;
  for (const protocol of ["gatehouse.v1.json", "gatehouse.v1.msgpack"]) {
    const client = await Client.open(gateway.ws_url, operator, protocol);
    expect(await client.ask({ op: "subscribe", id: "s", subject: "camera.yard.frame" })).toMatchObject({
      stream: null,
    });
    await gateway.deps.bus.stream("DEAD_LETTERS");
    const image = protocol.endsWith("json") ? picture(3).toString("base64") : picture(3);
    const data = { frame_id: `f-${protocol}`, captured_at_ms: 5, media_type: "image/png", image };
    client.send({ op: "publish", id: "p", subject: "camera.yard.frame", data });
    expect(await client.next(({ op }) => op === "published")).toMatchObject({
      stream: "CAMERA_FRAMES",
      duplicate: false,
    });
    const heard = await client.next(({ op }) => op === "message");
    expect(heard).toMatchObject({ msg_id: `yard.f-${protocol}`, data: { camera_id: "yard", captured_at_ms: 5 } });
    expect(Buffer.from(heard.data.image, "base64").equals(picture(3))).toBe(true);
    client.socket.terminate();
  }
});

test("what does not decode is told as such", async () => {
  const client = await Client.open(gateway.ws_url, admin);
  await client.ask({ op: "subscribe", id: "s", subject: "ai.chat.user.*.message" });
  await ground.bus.publish("ai.chat.user.ada.message", Buffer.from("nonsense"));
  expect(await client.next()).toMatchObject({ op: "message", data: null, error: { code: "UNDECODABLE" } });
  await ground.bus.publishEvent(chatMessage, chatMessage.example, { id: "again" });
  expect(await client.next()).toMatchObject({ msg_id: "again", data: chatMessage.example });
  client.socket.terminate();
});

test("the key of an open connection that is revoked ends it", async () => {
  const { key, secret } = await ground.key({ role: "viewer" });
  const client = await Client.open(gateway.ws_url, secret);
  const closed = client.closed();
  await revokeKey(ground.db, key.key_id);
  expect(await closed).toEqual({ code: 1008, reason: "the key was revoked" });
});
