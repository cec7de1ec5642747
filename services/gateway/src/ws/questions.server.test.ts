import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { decodeBody } from "@gatehouse/events";
import { requestOwner } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askerOf } from "../testing/ask.fixture.ts";
import { Client } from "../testing/client.fixture.ts";
import { type Ground, NO_LIMITS, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";

let ground: Ground;
let gateway: TestGateway;
let ada: string;
let bob: string;

beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground);
  [ada, bob] = (await Promise.all(
    ["ada", "bob"].map(async (user_id) => (await ground.key({ role: "viewer", user_id })).secret),
  )) as [string, string];
});
afterAll(async () => {
  await gateway?.stop();
  await ground?.stop();
});

const question = (request_id: string, more: object = {}) => ({
  op: "publish",
  id: request_id,
  subject: "ai.chat.user.ada.message",
  data: { request_id, message: "Who is there?" },
  cancel_on_close: true,
  ...more,
});

/** Who follows what a user cancels. */
async function cancelsOf(user_id: string, secret: string): Promise<Client> {
  const watching = await Client.open(gateway.ws_url, secret);
  await watching.ask({ op: "subscribe", id: "c", subject: `ai.chat.user.${user_id}.cancel` });
  return watching;
}

test("questions asked with cancel_on_close are cancelled when their client goes, others are not", async () => {
  const watching = await cancelsOf("ada", ada);
  const client = await Client.open(gateway.ws_url, ada);
  await client.ask(question("r-stays", { cancel_on_close: false }));
  for (const id of ["r-1", "r-2"]) expect(await client.ask(question(id))).toMatchObject({ op: "published" });
  client.socket.terminate();
  const told = [await watching.next(), await watching.next()].map(({ data }) => data);
  expect(told).toEqual([
    { request_id: "r-1", user_id: "ada" },
    { request_id: "r-2", user_id: "ada" },
  ]);
  watching.socket.terminate();
});

test("a gateway that stops cancels nothing: its clients go on elsewhere", async () => {
  const stopping = await startGateway(ground);
  const watching = await cancelsOf("ada", ada);
  const client = await Client.open(stopping.ws_url, ada);
  await client.ask(question("r-goes-on"));
  const closed = client.closed();
  await stopping.stop();
  expect((await closed).code).toBe(1011);
  const next = await Client.open(gateway.ws_url, ada);
  await next.ask(question("r-given-up"));
  next.socket.terminate();
  expect((await watching.next()).data.request_id).toBe("r-given-up");
  watching.socket.terminate();
});

test("only chat messages can be cancelled so", async () => {
  const client = await Client.open(gateway.ws_url, ada);
  const login = { op: "publish", id: "l", subject: "ai.chat.user.ada.login", data: {}, cancel_on_close: true };
  expect(await client.ask(login)).toMatchObject({ code: "PAYLOAD_INVALID" });
  client.socket.terminate();
});

test("a request belongs to the first user that follows or asks it: others can do neither", async () => {
  const [mine, other] = [await Client.open(gateway.ws_url, ada), await Client.open(gateway.ws_url, bob)];
  const follow = (request_id: string) => ({
    op: "subscribe",
    id: request_id,
    subject: `ai.chat.response.stream.${request_id}`,
  });
  expect(await mine.ask(follow("r-followed"))).toMatchObject({ op: "subscribed" });
  const stolen = { ...question("r-followed"), subject: "ai.chat.user.bob.message" };
  expect(await other.ask(stolen)).toMatchObject({ op: "error", code: "PAYLOAD_INVALID" });
  expect(await other.ask(follow("r-followed"))).toMatchObject({ op: "error", code: "SUBJECT_NOT_ALLOWED" });
  await mine.ask(question("r-asked"));
  for (const subject of ["ai.chat.response.stream.r-asked", "ai.chat.response.r-asked"])
    expect(await other.ask({ op: "subscribe", id: "s", subject })).toMatchObject({ code: "SUBJECT_NOT_ALLOWED" });
  mine.socket.terminate();
  other.socket.terminate();
});

test("what a client says of an inbox on the bus does not reach it", async () => {
  const client = await Client.open(gateway.ws_url, ada);
  const data = { request_id: "r-inbox", message: "Hi", reply_to: "_INBOX.of-another" };
  const { seq } = await client.ask({ ...question("r-inbox"), data });
  const kept = await ground.bus.message("COMPANIONS_CHAT", seq);
  expect(decodeBody(kept!.body).fields).not.toHaveProperty("reply_to");
  client.socket.terminate();
});

test("a message of 33 MB is refused with 1009 as soon as it says its length, before it was sent", async () => {
  const headers = {
    ...{ authorization: `Bearer ${ada}`, connection: "Upgrade", upgrade: "websocket" },
    ...{ "sec-websocket-key": Buffer.alloc(16).toString("base64"), "sec-websocket-version": "13" },
  };
  const request = httpRequest(gateway.ws_url.replace(/^ws/, "http"), { headers }).end();
  const [, socket] = await once(request, "upgrade");
  const head = Buffer.alloc(14);
  head.set([0x81, 0xff]);
  head.writeBigUInt64BE(33_000_000n, 2);
  socket.write(head);
  const [frame] = (await once(socket, "data")) as [Buffer];
  expect([frame[0], frame.readUInt16BE(2)]).toEqual([0x88, 1009]);
  socket.destroy();
});

test("a message of 33 MB in small pieces is refused with 1009 when they are too many", async () => {
  const client = await Client.open(gateway.ws_url, ada);
  client.socket.on("error", () => undefined);
  const closed = client.closed();
  const piece = Buffer.alloc(1_000_000, "x");
  for (let n = 0; n < 33; n++) client.socket.send(piece, { fin: false, binary: false }, () => undefined);
  expect((await closed).code).toBe(1009);
});

test("a key that is nobody's asks under its own id, as over HTTP", async () => {
  const { key, secret } = await ground.key({ role: "viewer" });
  const session = await askerOf(gateway, secret)("/api/session");
  expect(session.body).toMatchObject({ user_id: null, chats_as: key.key_id });
  const client = await Client.open(gateway.ws_url, secret);
  const subject = `ai.chat.user.${key.key_id}.message`;
  expect(await client.ask(question("r-nobody", { subject }))).toMatchObject({ op: "published" });
  expect(await client.ask(question("r-ada"))).toMatchObject({ op: "error", code: "SUBJECT_NOT_ALLOWED" });
  expect(await requestOwner(ground.db, "r-nobody")).toBe(key.key_id);
  client.socket.terminate();
});

test("questions over WebSocket count as those over HTTP, other inputs do not", async () => {
  const env = { ...NO_LIMITS, GATEHOUSE_LIMITS__AI_PER_MIN: "1", GATEHOUSE_LIMITS__AI_BURST: "1" };
  const strict = await startGateway(ground, env);
  const { secret } = await ground.key({ role: "viewer", user_id: "ada" });
  const sent = await askerOf(strict, secret)("/api/chat/messages", { method: "POST", body: { message: "Who?" } });
  const client = await Client.open(strict.ws_url, secret);
  const asked = [await client.ask(question("r-one")), await client.ask(question("r-two"))];
  expect([sent, ...asked]).toMatchObject([{ status: 202 }, { op: "published" }, { code: "RATE_LIMITED" }]);
  const cancel = { op: "publish", id: "c", subject: "ai.chat.user.ada.cancel", data: { request_id: "r-one" } };
  expect(await client.ask(cancel)).toMatchObject({ op: "published" });
  await strict.stop();
});
