import { encode } from "@gatehouse/events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../testing/client.fixture.ts";
import { type Ground, NO_LIMITS, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";

let ground: Ground;
let gateway: TestGateway;
let admin: string;

beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground);
  admin = (await ground.key({ role: "admin" })).secret;
});
afterAll(async () => {
  await gateway?.stop();
  await ground?.stop();
});

const isMessage = ({ op }: { op: string }) => op === "message";
const publish = (subject: string, n: number, more = {}) => ground.bus.publish(subject, encode({ n, ...more }));
async function publishMany(subject: string, count: number): Promise<number> {
  const acks = await Promise.all(Array.from({ length: count }, (_, n) => publish(subject, n)));
  return Math.max(...acks.map(({ seq }) => seq));
}

test("200 subscribers that join from different sequences while 1,000 messages a second flow see each once", async () => {
  const before = await publishMany("alert.flow", 2_000);
  const { first_seq } = await ground.bus.stream("SECURITY_EVENTS");
  const clients = await Promise.all(Array.from({ length: 200 }, () => Client.open(gateway.ws_url, admin)));
  const flowing = (async () => {
    let last = before;
    for (let i = 0; i < 60; i++) {
      last = Math.max(last, await publishMany("alert.flow", 50));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return last;
  })();
  const froms = clients.map((_, i) => first_seq + i * 10);
  for (const [i, client] of clients.entries()) {
    client.send({
      op: "subscribe",
      id: `s${i % 3}`,
      subject: i % 2 ? "alert.>" : "alert.flow",
      from: { seq: froms[i] },
    });
    if (i % 10 === 0) await client.next(({ op }) => op === "subscribed");
  }
  const last = await flowing;
  for (const [i, client] of clients.entries()) {
    const heard = await client.until(last - froms[i]! + 1, isMessage);
    const wanted = Array.from({ length: last - froms[i]! + 1 }, (_, j) => froms[i]! + j);
    expect(heard.map(({ seq }) => seq)).toEqual(wanted);
    client.socket.terminate();
  }
});

test("subscribed precedes every message, and new begins behind its sequence", async () => {
  const flowing = publishMany("alert.race", 500);
  const client = await Client.open(gateway.ws_url, admin);
  client.send({ op: "subscribe", id: "s", subject: "alert.race" });
  const { op, seq } = await client.next();
  expect(op).toBe("subscribed");
  const last = Math.max(await flowing, (await publish("alert.race", 0)).seq);
  const heard = await client.until(last - seq, isMessage);
  expect(heard.map((message) => message.seq)).toEqual(Array.from({ length: last - seq }, (_, i) => seq + 1 + i));
  client.socket.terminate();
});

test("a subscriber from a time or from all gets what is kept, in both encodings alike", async () => {
  await publishMany("alert.past", 3);
  const json = await Client.open(gateway.ws_url, admin, "gatehouse.v1.json");
  const packed = await Client.open(gateway.ws_url, admin, "gatehouse.v1.msgpack");
  const ask = { op: "subscribe", id: "s", subject: "alert.past", from: "all" };
  for (const client of [json, packed]) client.send(ask);
  const heard = await json.until(3, isMessage);
  expect(await packed.until(3, isMessage)).toEqual(heard);
  const middle = heard[1].time_ms;
  json.send({ ...ask, id: "t", from: { time_ms: middle } });
  const since = await json.until(1, ({ op, id }) => op === "message" && id === "t");
  expect(since[0].time_ms).toBeGreaterThanOrEqual(middle);
  json.socket.terminate();
  packed.socket.terminate();
});

test("messages come in batches to who asks for them so", async () => {
  for (const protocol of ["gatehouse.v1.json", "gatehouse.v1.msgpack"]) {
    const client = await Client.open(gateway.ws_url, admin, protocol);
    const { seq } = await client.ask({ op: "subscribe", id: "s", subject: "alert.batch", batch: { ms: 200, max: 5 } });
    await publishMany("alert.batch", 12);
    const batches = await client.until(3, ({ op }) => op === "batch");
    expect(batches.map(({ messages }) => messages.length)).toEqual([5, 5, 2]);
    const seqs = batches.flatMap(({ messages }) => messages.map((message: { seq: number }) => message.seq));
    expect(seqs).toEqual(Array.from({ length: 12 }, (_, i) => seq + 1 + i));
    client.socket.terminate();
  }
});

test("a start older than what is kept is told the gap first", async () => {
  const last = await publishMany("dead.gap", 5);
  await ground.bus.manager.streams.purge("DEAD_LETTERS", { seq: last - 1 });
  const client = await Client.open(gateway.ws_url, admin);
  client.send({ op: "subscribe", id: "s", subject: "dead.gap", from: { seq: 1 } });
  expect(await client.next()).toMatchObject({ op: "subscribed", first_seq: last - 1, seq: last });
  expect(await client.next()).toEqual({ op: "gap", id: "s", from_seq: 1, to_seq: last - 2 });
  expect([(await client.next()).seq, (await client.next()).seq]).toEqual([last - 1, last]);
  client.socket.terminate();
});

test("a subscription that waits for its turn is told what left the stream meanwhile", async () => {
  const single = await startGateway(ground, { ...NO_LIMITS, GATEHOUSE_LIMITS__WS_CATCH_UPS: "1" });
  const fill = "x".repeat(100_000);
  await Promise.all(Array.from({ length: 300 }, (_, n) => publish("alert.bulk", n, { fill })));
  const last = await publishMany("dead.turn", 8);
  const first = last - 7;
  const slow = await Client.open(single.ws_url, admin);
  await slow.ask({ op: "subscribe", id: "s", subject: "alert.bulk", from: { seq: 1 } });
  slow.socket.pause();
  const waiting = await Client.open(single.ws_url, admin);
  const subscribe = { op: "subscribe", subject: "dead.turn" };
  const subscribed = [
    await waiting.ask({ ...subscribe, id: "s", from: { seq: first } }),
    await waiting.ask({ ...subscribe, id: "t", from: "all" }),
  ];
  expect(subscribed).toMatchObject([{ op: "subscribed" }, { op: "subscribed" }]);
  await ground.bus.manager.streams.purge("DEAD_LETTERS", { seq: first + 5 });
  slow.socket.terminate();
  const gone = { op: "gap", id: "s", from_seq: first, to_seq: first + 4 };
  expect(await waiting.next(({ id }) => id === "s")).toEqual(gone);
  const heard = await waiting.until(3, ({ op, id }) => op === "message" && id === "s");
  expect(heard.map(({ seq }) => seq)).toEqual([last - 2, last - 1, last]);
  const all = await waiting.next(({ id }) => id === "t");
  expect(all).toEqual({ ...gone, id: "t", from_seq: subscribed[1].first_seq });
  waiting.socket.terminate();
  await single.stop();
});

test("a broker that is killed and comes back costs no message and doubles none", async () => {
  const client = await Client.open(gateway.ws_url, admin);
  const { seq } = await client.ask({ op: "subscribe", id: "s", subject: "alert.kill" });
  await publishMany("alert.kill", 10);
  await client.until(10, isMessage);
  ground.servers.nats.kill();
  await ground.servers.nats.ready();
  while (!ground.bus.connected) await new Promise((resolve) => setTimeout(resolve, 20));
  const last = await publishMany("alert.kill", 10);
  const heard = await client.until(20, isMessage);
  expect(heard.map((message) => message.seq)).toEqual(Array.from({ length: last - seq }, (_, i) => seq + 1 + i));
  client.socket.terminate();
});

test("a stream that was made anew ends its subscriptions with STREAM_RESET, and can be followed again", async () => {
  await publishMany("scan.reset", 3);
  const client = await Client.open(gateway.ws_url, admin);
  const before = await client.ask({ op: "subscribe", id: "s", subject: "scan.>" });
  const { config } = await ground.bus.manager.streams.info("SCAN");
  await ground.bus.manager.streams.delete("SCAN");
  await ground.bus.manager.streams.add(config);
  await publishMany("scan.reset", 2);
  const late = await Client.open(gateway.ws_url, admin);
  expect(
    await late.ask({ op: "subscribe", id: "s", subject: "scan.>", from: { seq: 1, epoch: before.epoch } }),
  ).toMatchObject({
    code: "STREAM_RESET",
  });
  expect(await client.next()).toMatchObject({ op: "error", id: "s", code: "STREAM_RESET" });
  client.send({ op: "subscribe", id: "s", subject: "scan.>", from: "all" });
  expect(await client.next()).toMatchObject({ op: "subscribed", seq: 2 });
  expect(await client.until(2, isMessage)).toHaveLength(2);
  for (const { socket } of [client, late]) socket.terminate();
});
