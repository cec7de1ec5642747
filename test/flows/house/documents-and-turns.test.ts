import { chatMessage } from "@gatehouse/events";
import { type Database, findDocument, putDocument, putDue, removeDocument } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, setupHouse } from "./house.fixture.ts";

const SOON = { timeout: 20_000 };

let house: House;
let db: Database;
beforeAll(async () => {
  house = await setupHouse();
  db = house.world.db;
  await house.run();
});
afterAll(() => house.stop());

/** A document as the gateway takes it in. */
async function add(uri: string, text: string): Promise<string> {
  const body = new TextEncoder().encode(text);
  const document = { collection: "documents", uri, title: null, media_type: "text/markdown", body, user_id: null };
  return db.transaction(async (tx) => {
    const { document_id } = await putDocument(tx, document);
    await putDue(tx, { service: "chat-handler", kind: "document", key: document_id, due_at_ms: Date.now() });
    return document_id;
  });
}

const chapters = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => `## Chapter ${i}\n\n${`The boiler number ${i} is in the cellar. `.repeat(60)}`,
  );

test("a document is split, found by its words at once, and ready when all its passages have vectors", async () => {
  const document_id = await add("boiler.md", `# Boilers\n\n${chapters(6).join("\n\n")}`);
  await house.settled();
  const document = await findDocument(db, document_id);
  expect(document).toMatchObject({ state: "ready", error: null });
  expect(document!.passages).toBeGreaterThan(3);
  expect(document!.embedded).toBe(document!.passages);
  expect(await house.countVectors()).toBe(document!.passages);
});

test("a document that can never be read fails and says why, and a removed one takes its vectors with it", async () => {
  const broken = await add("broken.md", "");
  await house.settled();
  expect(await findDocument(db, broken)).toMatchObject({ state: "failed", error: { code: expect.any(String) } });
  const document_id = await add("boiler.md", "Nothing but this.");
  await house.settled();
  expect(await house.countVectors()).toBe(1);
  await db.transaction(async (tx) => {
    await removeDocument(tx, document_id);
    await putDue(tx, { service: "chat-handler", kind: "document", key: document_id, due_at_ms: Date.now() });
  });
  await house.settled();
  expect([await findDocument(db, document_id), await house.countVectors()]).toEqual([null, 0]);
});

test("a document that is replaced while it is being embedded ends with the vectors of what it says now", async () => {
  house.models.failures.embed.latency_ms = 200;
  await add("long.md", chapters(40).join("\n\n"));
  await expect.poll(async () => (await house.passages()).length, SOON).toBeGreaterThan(20);
  const document_id = await add("long.md", "Only one sentence is left.");
  house.models.failures.embed.latency_ms = 0;
  await house.settled();
  expect(await findDocument(db, document_id)).toMatchObject({ state: "ready", passages: 1, embedded: 1 });
  expect(await house.countVectors()).toBe(1);
});

test("a finished turn is a passage of its own user", async () => {
  const message = { request_id: "r-1", user_id: "ada", message: "The key is under the blue pot. Where is the key?" };
  await house.world.bus.publishEvent(chatMessage, {
    ...chatMessage.example,
    ...message,
    enable_rag: false,
    session_id: "ada",
  });
  const turn = async () => (await house.passages()).find(({ passage_id }) => passage_id === "turn.r-1");
  await expect.poll(turn, SOON).toMatchObject({ kind: "turn", collection: "events", user_id: "ada" });
  await house.settled();
  expect(await turn()).toMatchObject({ has_vector: true, text: expect.stringContaining("Asked: The key is under") });
});

test("a question to which nothing was found is no passage; what was told along is one", async () => {
  const say = (request_id: string, message: string) =>
    house.world.bus.publishEvent(chatMessage, {
      ...chatMessage.example,
      ...{ request_id, message, user_id: "bob", session_id: "bob", enable_rag: true, collection: "events" },
    });
  await say("r-2", "Xylophone quizzes?");
  await say("r-3", "The plumber comes on Friday. Xylophone quizzes?");
  const turns = async () =>
    (await house.passages()).map(({ passage_id }) => passage_id).filter((id) => /^turn.r-[23]/.test(id));
  await expect.poll(turns, SOON).toEqual(["turn.r-3"]);
  await house.settled();
  expect(await turns()).toEqual(["turn.r-3"]);
});
