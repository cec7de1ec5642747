import { cameraEventCreated } from "@gatehouse/events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "./testing/client.fixture.ts";
import { type Ground, prepareGround, startGateway, type TestGateway } from "./testing/gateway.fixture.ts";
import { picture } from "./testing/pictures.fixture.ts";

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

test("a picture sent over HTTP is on the bus when it was acknowledged, and a repeat says so", async () => {
  const send = () =>
    fetch(`${gateway.url}/api/cameras/gate/frames`, {
      method: "POST",
      headers: { authorization: `Bearer ${admin}`, "content-type": "image/png", "idempotency-key": "f-1" },
      body: picture(),
    });
  const first = await send();
  expect([first.status, await first.json()]).toEqual([202, { frame_id: "f-1", duplicate: false }]);
  expect(await (await send()).json()).toEqual({ frame_id: "f-1", duplicate: true });
  const kept = await ground.bus.lastMessage("CAMERA_FRAMES", "camera.gate.frame");
  expect(kept?.msg_id).toBe("gate.f-1");
});

test("an event is heard by who subscribed to it, live and from the past", async () => {
  const client = await Client.open(gateway.ws_url, admin);
  const subscribed = await client.ask({ op: "subscribe", id: "s1", subject: "camera.*.event.>" });
  expect(subscribed).toMatchObject({ op: "subscribed", id: "s1", stream: "SECURITY_EVENTS", seq: 0 });
  const { seq } = await ground.bus.publishEvent(cameraEventCreated, cameraEventCreated.example);
  const heard = await client.next();
  expect(heard).toMatchObject({ op: "message", id: "s1", seq, stream: "SECURITY_EVENTS", msg_id: "front-door.f-81.0" });
  expect(heard.data).toEqual(cameraEventCreated.example);
  client.send({ op: "subscribe", id: "s2", subject: "camera.front-door.event.created", from: { seq: 1 } });
  expect(await client.next()).toMatchObject({ op: "subscribed", id: "s2", seq });
  expect(await client.next()).toEqual({ ...heard, id: "s2" });
  client.socket.terminate();
});
