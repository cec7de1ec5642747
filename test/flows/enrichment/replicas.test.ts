import { afterAll, beforeAll, expect, test } from "vitest";
import { seeded } from "../../harness/random.ts";
import { type Enrichment, type Seen, setupEnrichment } from "./enrichment.fixture.ts";

const SEED = 20_261_121;
const SETS = 300;
const CAMERAS = ["gate", "yard", "door", "shed"];
const T = Date.now() - 600_000;

let enrichment: Enrichment;
beforeAll(async () => {
  enrichment = await setupEnrichment();
});
afterAll(() => enrichment.stop());

interface RandomSet {
  camera_id: string;
  frame_id: string;
  at_ms: number;
  seen: Seen[];
}

/** Sets of several cameras over four minutes in random order; some empty, some urgent. */
function randomSets(random: () => number): RandomSet[] {
  const pick = <V>(from: readonly V[]): V => from[Math.floor(random() * from.length)]!;
  return Array.from({ length: SETS }, (_, i) => ({
    camera_id: pick(CAMERAS),
    frame_id: `f-${i}`,
    at_ms: T + Math.floor(random() * 240_000),
    seen: Array.from({ length: Math.floor(random() * 5) }, (): Seen => [pick(["person", "car"]), 0.7 + random() * 0.3]),
  }));
}

test(`two replicas put every set with a box into one batch, every batch into one event (seed ${SEED})`, async () => {
  const { set, settled, world } = enrichment;
  const random = seeded(SEED);
  const sets = randomSets(random);
  await Promise.all([enrichment.run(), enrichment.run()]);
  const queue = [...sets, ...sets.filter(() => random() < 0.2)];
  const publishAll = async () => {
    for (let next = queue.pop(); next; next = queue.pop())
      await set(next.camera_id, next.frame_id, next.at_ms, next.seen);
  };
  await Promise.all(Array.from({ length: 16 }, publishAll));
  await settled();
  const members = await world.db.query<{ key: string; boxes: number }>(
    `select m.camera_id || '.' || m.frame_id as key, m.boxes from batch_members m join batches b using (batch_id)
     where b.state = 'closed' and b.event_id is not null and b.camera_id = m.camera_id order by key`,
  );
  const boxed = sets.filter(({ seen }) => seen.length > 0);
  expect(members).toEqual(
    boxed
      .map(({ camera_id, frame_id, seen }) => ({ key: `${camera_id}.${frame_id}`, boxes: seen.length }))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
  );
  const wrong = await world.db.query(
    `select b.batch_id from batches b join (select batch_id, sum(boxes) as boxes, min(captured_at_ms) as first, max(captured_at_ms) as last
     from batch_members group by batch_id) m using (batch_id)
     where b.detection_count <> m.boxes or b.last_at_ms <> m.last or b.started_at_ms < m.first or b.started_at_ms > m.last`,
  );
  expect(wrong).toEqual([]);
});

test("what both replicas published is in order, without a hole or a repeat, and its last revision counts every box", async () => {
  const { told, world } = enrichment;
  const { messages } = await world.bus.stream("SECURITY_EVENTS");
  const events = await told("*", messages);
  const byEvent = Map.groupBy(events, ({ event_id }) => event_id);
  for (const [event_id, revisions] of byEvent) {
    expect(revisions.map(({ message }) => message.msg_id)).toEqual(revisions.map((_, i) => `${event_id}.${i}`));
    expect(revisions.map(({ message }) => message.subject.split(".").at(-1))).toEqual(
      revisions.map((_, i) => (i === 0 ? "created" : "updated")),
    );
  }
  const rows = await world.db.query<{ event_id: string; boxes: number }>(
    `select b.event_id, sum(m.boxes)::int as boxes from batch_members m join batches b using (batch_id) group by b.event_id order by 1`,
  );
  const last = [...byEvent.values()].map((revisions) => revisions.at(-1)!);
  expect(last.map(({ event_id, detection_count: boxes }) => ({ event_id, boxes })).sort(byId)).toEqual(rows.sort(byId));
  expect(last.filter(({ ended_at_ms, close_reason }) => ended_at_ms === null || close_reason === null)).toEqual([]);
  expect(await world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 0 });
});

const byId = (a: { event_id: string }, b: { event_id: string }): number => (a.event_id < b.event_id ? -1 : 1);
