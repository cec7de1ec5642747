import { afterAll, beforeAll, expect, test } from "vitest";
import { type Enrichment, SETTLED, setupEnrichment } from "./enrichment.fixture.ts";

let enrichment: Enrichment;
const T = Date.now() - 600_000;
const MINUTE = 60_000;

beforeAll(async () => {
  enrichment = await setupEnrichment();
});
afterAll(() => enrichment.stop());

test("sets that waited for the service are grouped by the times of their frames", async () => {
  const { set, told, run, settled, world } = enrichment;
  for (const burst of [0, 1, 2])
    for (let i = 0; i < 40; i++) await set("gate", `b${burst}-${i}`, T + burst * MINUTE + i * 100, [["person", 0.8]]);
  for (let i = 0; i <= 12; i++) await set("yard", `f-${i}`, T + i * 10_000, [["car", 0.8]]);
  await run({ env: { GATEHOUSE_BATCHING__IDLE_S: "20" } });
  expect(await told("gate", 2)).toMatchObject([
    { event_id: "gate.b0-0", started_at_ms: T, ended_at_ms: T + 3_900, detection_count: 40, close_reason: "idle" },
    { event_id: "gate.b1-0", started_at_ms: T + MINUTE, detection_count: 40, close_reason: "idle" },
  ]);
  expect(await told("yard", 1)).toMatchObject([
    { ended_at_ms: T + 90_000, detection_count: 10, close_reason: "timeout" },
  ]);
  const taken = () => world.db.query("select 1 from batch_members");
  await expect.poll(async () => (await taken()).length, SETTLED).toBe(3 * 40 + 13);
  await world.db.query("update batches set closes_at_ms = 0 where state = 'open'");
  await world.db.query("update due set due_at_ms = 0 where kind = 'tell'");
  await settled();
  expect((await told("gate", 3))[2]).toMatchObject({
    event_id: "gate.b2-0",
    detection_count: 40,
    close_reason: "idle",
  });
  expect((await told("yard", 2))[1]).toMatchObject({ started_at_ms: T + 100_000, detection_count: 3 });
});

test("a frame older than the newest is counted, and neither ends nor prolongs its batch", async () => {
  const { set, world, told } = enrichment;
  const batch = async () => {
    const [row] = await world.db.query<Record<string, number>>(
      `select detection_count, started_at_ms, last_at_ms, closes_at_ms, opened_at_ms from batches where camera_id = 'late'`,
    );
    return row;
  };
  const counted = async (boxes: number) => {
    await expect.poll(async () => (await batch())?.detection_count, { timeout: 20_000 }).toBe(boxes);
    return (await batch())!;
  };
  await set("late", "f-1", T, [["person", 0.8]]);
  const first = await counted(1);
  await set("late", "f-0", T - 200, [["person", 0.8]]);
  expect(await counted(2)).toEqual({ ...first, detection_count: 2, started_at_ms: T - 200 });
  await set("late", "hours-ago", T - 60 * MINUTE, [["person", 0.8]]);
  expect(await counted(3)).toEqual({ ...first, detection_count: 3, started_at_ms: T - 200 });
  await world.db.query("update batches set closes_at_ms = 0 where state = 'open'");
  await world.db.query("update due set due_at_ms = 0 where kind = 'tell'");
  expect(await told("late", 1)).toMatchObject([{ event_id: "late.f-1", detection_count: 3, ended_at_ms: T }]);
});
