import { expect, test } from "vitest";
import { findRun, lookAgain, noteDoubt } from "./mod.ts";
import { newRun, useRuns } from "./pipeline-runs.fixture.ts";
import type { Queryable } from "./queryable.ts";
import { takeInRun } from "./take-in-run.ts";

const setup = useRuns();
const DAY_MS = 86_400_000;

interface Row {
  due_in_ms: number;
  version: number;
  payload: { doubted_at_ms: number };
}

async function reconcileRow(db: Queryable): Promise<Row> {
  const [row] = await db.query<Row>(
    "select due_at_ms - now_ms() as due_in_ms, version, payload from due where kind = 'reconcile' and key = 'r-1'",
  );
  return row!;
}

test("noteDoubt() counts a doubt and has somebody look after the run", async () => {
  const { db } = await setup();
  await takeInRun(db, newRun("r-1"));
  const doubted_at_ms = await noteDoubt(db, "r-1", DAY_MS);
  expect(await findRun(db, "r-1")).toMatchObject({ doubts: 1, state: "waiting" });
  const { due_in_ms, payload } = await reconcileRow(db);
  expect(payload).toEqual({ doubted_at_ms });
  expect(due_in_ms).toBeGreaterThan(DAY_MS / 2);
  await noteDoubt(db, "r-1", DAY_MS, { is_known: true });
  expect(await findRun(db, "r-1")).toMatchObject({ doubts: 1 });
});

test("lookAgain() looks at distances that grow with the time since the doubt, until it is over", async () => {
  const { db } = await setup();
  await takeInRun(db, newRun("r-1"));
  const now_ms = await noteDoubt(db, "r-1", 0);
  const again = async (ago_ms: number) => {
    const { version } = await reconcileRow(db);
    await lookAgain(db, "r-1", { doubted_at_ms: now_ms - ago_ms, version, least_ms: 60_000, most_ms: DAY_MS });
    const { due_in_ms } = await reconcileRow(db);
    return Math.round(due_in_ms / 60_000);
  };
  expect(await again(0)).toBe(1);
  expect(await again(60 * 60_000)).toBe(15);
  expect(await again(2 * DAY_MS)).toBe(15);
});

test("lookAgain() leaves a newer doubt its time", async () => {
  const { db } = await setup();
  await takeInRun(db, newRun("r-1"));
  const doubted_at_ms = await noteDoubt(db, "r-1", 0);
  const { version } = await reconcileRow(db);
  await noteDoubt(db, "r-1", DAY_MS);
  const newer = await reconcileRow(db);
  await lookAgain(db, "r-1", { doubted_at_ms, version, least_ms: 0, most_ms: DAY_MS });
  expect(await reconcileRow(db)).toMatchObject({ version: newer.version, payload: newer.payload });
});
