import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vectorSets } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, setupHouse } from "./house.fixture.ts";

const DAY_MS = 86_400_000;

let house: House;
beforeAll(async () => {
  house = await setupHouse();
});
afterAll(() => house.stop());

const models = async () => (await vectorSets(house.world.db)).map(({ model }) => model);

test("after a change of the embedder all passages get its vectors, and the old ones go", async () => {
  const before = await house.run();
  for (const n of [1, 2, 3]) await house.event({ event_id: `front-door.f-${n}`, started_at_ms: Date.now() });
  await house.settled();
  expect([await models(), await house.countVectors()]).toEqual([["reference-embedder"], 3]);
  await before.stop();
  const embedder = JSON.stringify([{ kind: "tei", url: house.models.url }]);
  const after = await house.run({ env: { GATEHOUSE_MODELS__EMBEDDER: embedder } });
  await expect.poll(models, { timeout: 20_000 }).toEqual(["reference"]);
  await house.settled();
  expect(await house.countVectors()).toBe(3);
  await after.stop();
  const again = await house.run();
  await expect.poll(models, { timeout: 20_000 }).toEqual(["reference-embedder"]);
  await house.settled();
  await again.stop();
});

test("vectors that were lost are made anew at the next start", async () => {
  const { dir } = house.world;
  for (const file of readdirSync(dir)) if (file.startsWith("vectors.db")) rmSync(join(dir, file));
  expect(await house.countVectors()).toBe(0);
  const heir = await house.run();
  await expect.poll(() => house.countVectors(), { timeout: 20_000 }).toBe(3);
  await house.settled();
  await heir.stop();
});

test("vectors that are lost while it runs are made anew within the hour", async () => {
  const { dir, db } = house.world;
  const running = await house.run();
  await house.settled();
  for (const file of readdirSync(dir)) if (file.startsWith("vectors.db")) rmSync(join(dir, file));
  expect(await house.countVectors()).toBe(0);
  await db.query("update due set due_at_ms = 0 where kind = 'forget'");
  await expect.poll(() => house.countVectors(), { timeout: 20_000 }).toBe(3);
  await house.settled();
  await running.stop();
});

test("vectors in a file that is no database are made anew, and the file is kept aside", async () => {
  const { dir } = house.world;
  for (const file of readdirSync(dir)) if (file.startsWith("vectors.db")) rmSync(join(dir, file));
  writeFileSync(join(dir, "vectors.db"), "no database at all".repeat(100));
  const heir = await house.run();
  const aside = () => readdirSync(dir).filter((file) => file.includes(".broken-")).length;
  await expect.poll(aside, { timeout: 20_000 }).toBe(1);
  await expect.poll(() => house.countVectors(), { timeout: 20_000 }).toBe(3);
  await house.settled();
  await heir.stop();
});

test("what was embedded by nobody is embedded as soon as there is an embedder", async () => {
  const without = await house.run({ env: { GATEHOUSE_MODELS__EMBEDDER: "[]" } });
  await house.event({ event_id: "front-door.f-4", started_at_ms: Date.now() });
  await house.settled();
  expect((await house.passages()).find(({ passage_id }) => passage_id.endsWith("f-4"))).toMatchObject({
    has_vector: false,
  });
  await without.stop();
  await house.run({ env: { GATEHOUSE_RETENTION__CHAT_D: "1" } });
  await expect.poll(() => house.countVectors(), { timeout: 20_000 }).toBe(4);
});

test("what is older than it is kept goes, with its vectors; a user's last login stays, and who asked for a run for as long as that does", async () => {
  const { db } = house.world;
  await house.event({ event_id: "front-door.old", started_at_ms: Date.now() - 31 * DAY_MS });
  await house.login("ada");
  await house.login("ada");
  await house.greetings("ada", 2);
  await house.settled();
  expect(await house.countVectors()).toBe(5);
  await db.query("update logins set at_ms = at_ms - $1", [8 * DAY_MS]);
  for (const days of [2, 31])
    await db.query("insert into request_owners (request_id, user_id, at_ms) values ($1, 'ada', $2)", [
      `of ${days} days`,
      Date.now() - days * DAY_MS,
    ]);
  await db.query("update due set due_at_ms = 0 where kind = 'forget'");
  await expect.poll(() => house.countVectors(), { timeout: 20_000 }).toBe(4);
  expect(await db.query("select request_id from request_owners")).toEqual([{ request_id: "of 2 days" }]);
  expect((await house.passages()).map(({ passage_id }) => passage_id)).not.toContain("event.front-door.old");
  expect(await db.query("select user_id from logins")).toEqual([{ user_id: "ada" }]);
});
