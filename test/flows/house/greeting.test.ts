import { cameraEventCreated } from "@gatehouse/events";
import { createKey, ensureCamera, insertRevision, revokeKey } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, setupHouse } from "./house.fixture.ts";

let house: House;
beforeAll(async () => {
  house = await setupHouse();
});
afterAll(() => house.stop());

/** An event as enrichment writes it down. */
async function happened(event_id: string, score: number, summary: string): Promise<void> {
  const { db } = house.world;
  const { example } = cameraEventCreated;
  await ensureCamera(db, { camera_id: "gate", name: "Front Gate", at_ms: 1 });
  const risk = { ...example.risk, score, summary, level: score >= 60 ? ("high" as const) : ("low" as const) };
  await insertRevision(db, { ...example, event_id, camera_id: "gate", started_at_ms: Date.now(), risk });
}

test("a login is answered with what happened since the login before, and links to it", async () => {
  await house.run();
  await house.login("ada", "Ada");
  const [first] = await house.greetings("ada", 1);
  expect(first).toMatchObject({ user_id: "ada", session_id: "ada", since_ms: null, events: [] });
  expect(first!.text).toMatch(/, Ada\. Welcome to Gatehouse\. Nothing happened in the last 24 hours\.$/);

  await happened("gate.f-1", 12, "A cat");
  await happened("gate.f-2", 72, "A man tried the handle");
  await house.login("ada", "Ada");
  const [, second] = await house.greetings("ada", 2);
  expect(second).toMatchObject({
    since_ms: first!.timestamp_ms,
    events: [
      { event_id: "gate.f-2", camera_id: "gate", summary: "A man tried the handle", score: 72 },
      { event_id: "gate.f-1", camera_id: "gate", summary: "A cat", score: 12 },
    ],
  });
  expect(second!.text).toMatch(
    /2 security events were recorded .*, 1 of them of high or critical risk\. The most serious was at \d\d:\d\d at Front Gate \(high risk, 72 of 100\): A man tried the handle\.$/,
  );

  await house.login("ada", "Ada");
  const [, , third] = await house.greetings("ada", 3);
  expect(third!.text).toMatch(/Nothing happened since you were here a moment ago\.$/);
});

test("a login goes to the conversation that it names", async () => {
  await house.world.bus.publish("ai.chat.user.bob.login", new TextEncoder().encode('{"session_id":"hall"}'));
  const [greeting] = await house.greetings("bob", 1);
  expect(greeting).toMatchObject({ user_id: "bob", session_id: "hall" });
  expect(greeting!.message.subject).toBe("ai.chat.user.bob.greeting.hall");
  expect(greeting!.text).toMatch(/, bob\. Welcome/);
});

test("whoever has lost all keys is told nothing of what happened", async () => {
  const { db } = house.world;
  const { key } = await createKey(db, { role: "viewer", user_id: "dan", label: "dan" });
  await revokeKey(db, key.key_id);
  await house.login("dan");
  const [greeting] = await house.greetings("dan", 1);
  expect(greeting).toMatchObject({ text: expect.stringMatching(/, dan\. Welcome to Gatehouse\.$/), events: [] });
});

test("every login has one greeting with an id of its own when two replicas take many", async () => {
  await house.run();
  await Promise.all(Array.from({ length: 40 }, () => house.login("eve")));
  const greetings = await house.greetings("eve", 40);
  await house.settled();
  expect(new Set(greetings.map(({ message }) => message.msg_id)).size).toBe(40);
  const { bus, db } = house.world;
  const rows = await db.query("select published_seq from logins where user_id = 'eve' and published_seq is not null");
  expect(rows).toHaveLength(40);
  expect((await bus.stream("COMPANIONS_CHAT")).messages).toBe(45);
  expect(await bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 0 });
});

test("a login that does not decode is a dead letter", async () => {
  await house.world.bus.publish("ai.chat.user.mallory.login", new TextEncoder().encode('{"username":7}'));
  await house.settled();
  expect(await house.world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 1 });
});
