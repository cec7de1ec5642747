import { cameraEventCreated } from "@gatehouse/events";
import { applyStreams } from "@gatehouse/runtime";
import { putDocument, putDue } from "@gatehouse/store";
import { mesh } from "@gatehouse/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { impatient, leasesRunOut } from "../../harness/impatient.ts";
import { runDoomed } from "../../harness/run-doomed.ts";
import { until } from "../../harness/until.ts";
import { TEST_STREAMS } from "../../harness/world.ts";
import { type House, setupHouse } from "./house.fixture.ts";

const declared = impatient(mesh(TEST_STREAMS));

let house: House;
beforeAll(async () => {
  house = await setupHouse();
  await applyStreams(house.world.bus, declared);
});
afterAll(() => house.stop());

/** chat-handler dies right after a step first ended; another goes on, until nothing waits. */
async function dieAfter(step: string): Promise<void> {
  const { world, env } = house;
  await runDoomed(world, { service: "chat-handler", step, declared, env });
  await leasesRunOut(world);
  await inherit(declared);
}

/** What waits is done by another one, which is stopped in any case: it would do the next doomed one's work. */
async function inherit(mesh: typeof declared): Promise<void> {
  const heir = await house.run({ declared: mesh });
  await house.settled().finally(() => heir.stop());
}

test.each(["persist", "publish", "mark"])(
  "a login is greeted exactly once when chat-handler dies after %s",
  async (step) => {
    await house.login(`user-${step}`);
    await dieAfter(step);
    const [greeting] = await house.greetings(`user-${step}`, 1);
    expect(greeting!.message.msg_id).toMatch(new RegExp(`^user-${step}\\.\\d+-\\d+\\.greeting$`));
    const { bus, db } = house.world;
    const logins = await db.query("select 1 from logins where published_seq is not null");
    expect((await bus.stream("COMPANIONS_CHAT")).messages).toBe(logins.length);
    expect(await db.query("select 1 from logins where published_seq is null")).toEqual([]);
  },
);

test("a login is greeted once by two of whom one was paused until the broker had forgotten the greeting", async () => {
  const { world, env } = house;
  const forgetful = {
    ...declared,
    streams: declared.streams.map((stream) => ({ ...stream, duplicate_window_ms: 100 })),
  };
  await applyStreams(world.bus, forgetful);
  await house.login("user-paused");
  await runDoomed(world, { service: "chat-handler", step: "publish", declared: forgetful, env });
  const probe = () => world.bus.publish("ai.chat.user.probe.greeting.probe", new Uint8Array([1]), { id: "probe" });
  await probe();
  await until("the broker forgot what came before", async () => !(await probe()).duplicate);
  const { messages } = await world.bus.stream("COMPANIONS_CHAT");
  await leasesRunOut(world);
  await inherit(forgetful);
  expect((await world.bus.stream("COMPANIONS_CHAT")).messages).toBe(messages);
  expect(await world.db.query("select 1 from logins where published_seq is null")).toEqual([]);
  await applyStreams(world.bus, declared);
});

test.each(["persist", "due", "embed"])(
  "an event is one passage with one vector when chat-handler dies after %s",
  async (step) => {
    const event_id = `front-door.${step}`;
    const vectors = await house.countVectors();
    await house.event({ event_id, risk: { ...cameraEventCreated.example.risk, summary: `Seen before ${step}` } });
    await dieAfter(step);
    const passages = (await house.passages()).filter(({ passage_id }) => passage_id === `event.${event_id}`);
    expect(passages).toMatchObject([{ has_vector: true }]);
    expect(await house.countVectors()).toBe(vectors + 1);
  },
);

test.each(["persist", "due"])("a turn is one passage with one vector when chat-handler dies after %s", async (step) => {
  const { db } = house.world;
  const [request_id, vectors] = [`turn-${step}`, await house.countVectors()];
  for (const role of ["user", "assistant"])
    await db.query(
      `insert into chat_messages (user_id, session_id, request_id, role, content, at_ms)
         values ('ada', 'ada', $1, $2, $3, now_ms())`,
      [request_id, role, `Said before ${step} by the ${role}`],
    );
  await putDue(db, { service: "chat-handler", kind: "index-turn", key: request_id, due_at_ms: Date.now() });
  await dieAfter(step);
  const passages = (await house.passages()).filter(({ passage_id }) => passage_id === `turn.${request_id}`);
  expect(passages).toMatchObject([{ user_id: "ada", has_vector: true }]);
  expect(await house.countVectors()).toBe(vectors + 1);
});

test.each(["split", "due"])("a document is ready, each passage once, when chat-handler dies after %s", async (step) => {
  const { db } = house.world;
  const body = new TextEncoder().encode(`# Notes\n\n${`What was written before ${step}. `.repeat(400)}`);
  const place = { collection: "documents", uri: `${step}.md`, title: null, media_type: "text/markdown" };
  await db.transaction(async (tx) => {
    const { document_id } = await putDocument(tx, { ...place, body, user_id: null });
    await putDue(tx, { service: "chat-handler", kind: "document", key: document_id, due_at_ms: Date.now() });
  });
  await dieAfter(step);
  const texts = (await house.passages()).filter(({ text }) => text.includes(`before ${step}.`));
  expect(texts.length).toBeGreaterThan(1);
  expect(texts.filter(({ has_vector }) => !has_vector)).toEqual([]);
  expect(await house.countVectors()).toBe((await house.passages()).length);
});
