import type { CameraEvent } from "@gatehouse/events";
import { expect, test } from "vitest";
import { type Database, ensureCamera, eventsTold, insertRevision } from "./mod.ts";
import { useDatabases } from "./test-database.ts";
import { anEvent } from "./test-events.ts";

const { setup } = useDatabases();

type Scored = [event_id: string, told_at_ms: number, score: number | null, level: CameraEvent["risk"]["level"]];

async function tell(db: Database, [event_id, told_at_ms, score, level]: Scored, revision = 0): Promise<void> {
  const risk = { ...anEvent().risk, score, level };
  await insertRevision(db, anEvent({ event_id, revision, camera_id: "gate", risk }));
  await db.query("update events set created_at_ms = $3 where event_id = $1 and revision = $2", [
    event_id,
    revision,
    told_at_ms,
  ]);
}

test("eventsTold() counts what was first told in a time and gives the most serious, as they are known now", async () => {
  const { db } = await setup();
  await ensureCamera(db, { camera_id: "gate", name: "Front Gate", at_ms: 1 });
  const all: Scored[] = [
    ["before", 100, 99, "critical"],
    ["low", 101, 10, "low"],
    ["unjudged", 102, null, null],
    ["high", 103, 70, "high"],
    ["risen", 104, 5, "low"],
    ["last", 200, 20, "low"],
    ["after", 201, 99, "critical"],
  ];
  for (const one of all) await tell(db, one);
  await tell(db, ["risen", 300, 90, "critical"], 1);
  const { count, serious, worst } = await eventsTold(db, { after_ms: 100, until_ms: 200, most: 4 });
  expect({ count, serious }).toEqual({ count: 5, serious: 2 });
  expect(worst.map(({ event_id }) => event_id)).toEqual(["risen", "high", "last", "low"]);
  expect(worst[0]).toMatchObject({ camera_name: "Front Gate", revision: 1, risk: { score: 90 } });
});

test("eventsTold() finds nothing where nothing was told", async () => {
  const { db } = await setup();
  await tell(db, ["later", 300, 10, "low"]);
  expect(await eventsTold(db, { after_ms: 100, until_ms: 200, most: 3 })).toEqual({ count: 0, serious: 0, worst: [] });
});
