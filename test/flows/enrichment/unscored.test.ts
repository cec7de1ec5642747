import { afterAll, beforeAll, expect, test } from "vitest";
import { type Enrichment, setupEnrichment } from "./enrichment.fixture.ts";

let enrichment: Enrichment;
const T = Date.now() - 600_000;

beforeAll(async () => {
  enrichment = await setupEnrichment();
  await enrichment.run({
    env: { GATEHOUSE_BATCHING__FAST_PATH: JSON.stringify({ confidence: 0.9, labels: ["person"] }) },
  });
});
afterAll(() => enrichment.stop());

test("an event is told unscored while the model is down, and scored when it is back", async () => {
  const { set, told, llmAway, llmBack, settled } = enrichment;
  await llmAway();
  await set("gate", "f-1", T, [["person", 0.8]]);
  const [unscored] = await told("gate", 1);
  expect(unscored).toMatchObject({
    revision: 0,
    close_reason: "idle",
    risk: { status: "unscored", score: null, level: null, summary: "person at gate" },
  });
  await llmBack();
  const [, scored] = await told("gate", 2);
  expect(scored).toMatchObject({ revision: 1, close_reason: "idle", ended_at_ms: T, risk: { status: "scored" } });
  expect(scored!.message.subject).toBe("camera.gate.event.updated");
  await settled();
});

test("a score is not taken back by a model that went away since, and is renewed when it is back", async () => {
  const { set, told, llmAway, llmBack, settled, world } = enrichment;
  await set("door", "f-1", T, [["person", 0.95]]);
  const [early] = await told("door", 1);
  expect(early).toMatchObject({ fast_path: true, risk: { status: "scored" } });
  await llmAway();
  await set("door", "f-2", T + 300, [["person", 0.95]]);
  const [, over] = await told("door", 2);
  expect(over).toMatchObject({ revision: 1, detection_count: 2, close_reason: "idle", risk: early!.risk });
  await llmBack();
  const [, , renewed] = await told("door", 3);
  expect(renewed).toMatchObject({ revision: 2, detection_count: 2, risk: { status: "scored" } });
  await settled();
  const judged = await world.db.query("select facts from events where event_id = 'door.f-1' order by revision");
  expect(judged).toMatchObject([
    { facts: { prompt: "risk-2", boxes: 1, error: null, model: expect.any(String) } },
    { facts: { boxes: 1, error: expect.stringMatching(/^LLM_DOWN|SCORE_LATE$/) } },
    { facts: { boxes: 2, error: null } },
  ]);
});

test("an answer that is no JSON gives an unscored event, and no dead letter", async () => {
  const { models, set, told, world, settled } = enrichment;
  models.failures.chat.garbage = true;
  await set("shed", "f-1", T, [["cat", 0.8]]);
  expect(await told("shed", 1)).toMatchObject([{ risk: { status: "unscored", summary: "cat at shed" } }]);
  models.failures.chat.garbage = false;
  expect((await told("shed", 2))[1]).toMatchObject({ revision: 1, risk: { status: "scored" } });
  await settled();
  expect(await world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 0 });
});
