import { cameraEventCreated } from "@gatehouse/events";
import { createEmbedder } from "@gatehouse/models";
import { ensureCamera, keywordSearch, openVectors, vectorSets } from "@gatehouse/store";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type House, setupHouse } from "./house.fixture.ts";

const SOON = { timeout: 20_000 };

let house: House;
beforeAll(async () => {
  house = await setupHouse();
  await ensureCamera(house.world.db, { camera_id: "front-door", name: "Front Door", at_ms: 1 });
});
afterAll(() => house.stop());

const risk = (summary: string) => ({ ...cameraEventCreated.example.risk, summary });
const passage = async (event_id: string) =>
  (await house.passages()).find(({ passage_id }) => passage_id === `event.${event_id}`);

test("an event is a passage with a vector that a question is close to", async () => {
  await house.run();
  await house.event({ event_id: "front-door.f-1", risk: risk("A courier left a parcel") });
  await house.event({ event_id: "front-door.f-2", risk: risk("Two foxes crossed the lawn") });
  await house.settled();
  expect(await passage("front-door.f-1")).toMatchObject({
    collection: "events",
    kind: "event",
    position: 0,
    text: expect.stringMatching(/camera Front Door \(front-door\) on .*\n.*\nA courier left a parcel/),
    user_id: null,
    has_vector: true,
  });
  expect(await nearest("who left a parcel at the front door?")).toBe("event.front-door.f-1");
});

test("the newest revision stays, whatever comes later or again", async () => {
  const told = (revision: number) =>
    house.event({ event_id: "front-door.f-3", revision, risk: risk(`As known at ${revision}`) });
  for (const revision of [0, 2]) await told(revision);
  await house.settled();
  const vectors = await house.countVectors();
  await told(1);
  await house.world.bus.publish(
    "camera.front-door.event.updated",
    new TextEncoder().encode(
      JSON.stringify({ ...cameraEventCreated.example, event_id: "front-door.f-3", revision: 2, risk: risk("again") }),
    ),
  );
  await house.settled();
  expect(await passage("front-door.f-3")).toMatchObject({
    position: 2,
    text: expect.stringContaining("As known at 2"),
    has_vector: true,
  });
  expect(await house.countVectors()).toBe(vectors);
});

test("an event that is updated while it is being embedded has the vector of its newest text", async () => {
  house.models.failures.embed.latency_ms = 300;
  await house.event({ event_id: "front-door.f-4", risk: risk("A red kite in the garden") });
  await expect.poll(() => passage("front-door.f-4"), SOON).toMatchObject({ has_vector: false });
  await house.event({ event_id: "front-door.f-4", revision: 1, risk: risk("Three blue bicycles were stolen") });
  house.models.failures.embed.latency_ms = 0;
  await house.settled();
  expect(await passage("front-door.f-4")).toMatchObject({ position: 1, has_vector: true });
  expect(await nearest("blue bicycles stolen")).toBe("event.front-door.f-4");
});

test("while the embedder is away events are found by their words; when it is back they get their vectors", async () => {
  await house.modelsAway();
  await house.event({ event_id: "front-door.f-5", risk: risk("Somebody rang twice") });
  await expect.poll(() => passage("front-door.f-5"), SOON).toMatchObject({ has_vector: false });
  const refused = "select 1 from due where kind = 'embed' and first_refused_at_ms is not null";
  await expect.poll(() => house.world.db.query(refused), SOON).toHaveLength(1);
  const asked = { text: "who rang twice?", viewer: { user_id: "ada", events: true }, collection: null, limit: 1 };
  expect(await keywordSearch(house.world.db, asked)).toMatchObject([{ passage_id: "event.front-door.f-5" }]);
  await house.login("ada");
  expect(await house.greetings("ada", 1)).toHaveLength(1);
  await house.modelsBack();
  await house.settled();
  expect(await passage("front-door.f-5")).toMatchObject({ has_vector: true });
});

test("two replicas index many events once", async () => {
  await house.run();
  const before = await house.countVectors();
  const many = Array.from({ length: 200 }, (_, i) => ({
    event_id: `front-door.m-${i % 100}`,
    revision: i < 100 ? 0 : 1,
  }));
  await Promise.all(many.map((one) => house.event({ ...one, risk: risk(`${one.event_id} at ${one.revision}`) })));
  await house.settled();
  const passages = (await house.passages()).filter(({ passage_id }) => passage_id.includes(".m-"));
  expect(passages).toHaveLength(100);
  expect(passages.filter(({ position, has_vector }) => position !== 1 || !has_vector)).toEqual([]);
  expect(await house.countVectors()).toBe(before + 100);
  expect(await house.world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 0 });
});

/** The passage whose vector is most like a question's. */
async function nearest(question: string): Promise<string | undefined> {
  const { world, models } = house;
  const embedder = createEmbedder([{ kind: "openai", url: models.url, model: "reference-embedder" }]);
  const vectors = openVectors({ home: world.dir, qdrant_url: null });
  onTestFinished(async () => void (await Promise.all([embedder.close(), vectors.close()])));
  const { vectors: asked } = await embedder.embed([question], { signal: AbortSignal.timeout(10_000) });
  const [used] = await vectorSets(world.db);
  const [best] = await vectors.search(used!.name, asked[0]!, { limit: 1, scopes: ["event"], collection: null });
  return best?.id;
}
