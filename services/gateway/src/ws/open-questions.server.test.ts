import { decodeBody } from "@gatehouse/events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../testing/client.fixture.ts";
import { type Ground, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";

let ground: Ground;
let gateway: TestGateway;
let ada: string;
beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground);
  ada = (await ground.key({ role: "viewer", user_id: "ada" })).secret;
});
afterAll(async () => {
  await gateway?.stop();
  await ground?.stop();
});

const question = (request_id: string) => ({
  op: "publish",
  id: request_id,
  subject: "ai.chat.user.ada.message",
  data: { request_id, message: "Who is there?" },
  cancel_on_close: true,
});

test("cancel() goes on until the broker is back, also for what may have been published while it was away", async () => {
  const client = await Client.open(gateway.ws_url, ada);
  expect(await client.ask(question("r-asked"))).toMatchObject({ op: "published" });
  const back = new Promise<void>((resolve) => ground.bus.onReconnect(resolve));
  await ground.servers.nats.stop();
  expect(await client.ask(question("r-away"))).toMatchObject({ op: "error", code: "UNAVAILABLE" });
  const closed = client.closed();
  client.socket.terminate();
  await closed;
  await ground.servers.nats.restart();
  await back;
  const cancelled: unknown[] = [];
  const signal = AbortSignal.timeout(20_000);
  for await (const { body } of ground.bus.follow("COMPANIONS_CHAT", "all", { filter: "ai.chat.user.*.cancel", signal }))
    if (cancelled.push(decodeBody(body.slice()).fields.request_id) === 2) break;
  expect(cancelled.toSorted()).toEqual(["r-asked", "r-away"]);
});
