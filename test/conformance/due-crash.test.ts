import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collect } from "../harness/collect.ts";
import { putNote } from "../harness/due-notes.ts";
import { type KeptAlive, keepAlive } from "../harness/keep-alive.ts";
import { until } from "../harness/until.ts";
import { startWorld, type World } from "../harness/world.ts";

const DYING_DUE = fileURLToPath(new URL("../harness/dying-due.ts", import.meta.url));
const KEYS = ["a", "b", "deadly", "y", "z"];
let world: World;
let reader: KeptAlive<{ dies: string[] }> | null = null;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  await reader?.stop();
  await world.stop();
});

const rowsLeft = async () => (await world.db.query("select 1 from due")).length;
/** The time passes for which a dead process held its rows. */
const leasesRunOut = () => world.db.query("update due set lease_until_ms = 0 where lease_until_ms is not null");

test("due work whose handler kills the process runs alone from the third time on and is given up after ten; others are not blamed", async () => {
  for (const key of KEYS) await putNote(world.db, key, { payload: { key } });
  const { backing, dir } = world;
  reader = keepAlive(DYING_DUE, { backing, dir, deadly: "deadly" }, leasesRunOut);
  const [dead] = await collect(world.bus, "DEAD_LETTERS", 1, { within_ms: 110_000 });
  expect(dead!.headers).toMatchObject({
    "Gatehouse-Code": "HANDLER_DIED",
    "Gatehouse-Id": "deadly",
    "Gatehouse-Subject": "due.reader.note",
    "Gatehouse-Attempts": "10",
  });
  await until("nothing is due any more", async () => (await rowsLeft()) === 0);
  const [first, second, ...alone] = reader.told.map(({ dies }) => dies);
  expect(first).toEqual(KEYS);
  expect(second).toEqual(KEYS);
  expect(alone).toEqual(Array(8).fill(["deadly"]));
  expect(await world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 1 });
}, 120_000);
