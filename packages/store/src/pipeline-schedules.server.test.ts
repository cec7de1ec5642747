import { expect, test } from "vitest";
import { advanceSchedule, findSchedule, putSchedule, removeSchedulesBut } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();
const hourly = { name: "hourly", cron: "0 * * * *", timezone: "UTC", next_at_ms: 3_600_000 };

test("putSchedule() keeps the time of a schedule that is there, unless it comes otherwise now", async () => {
  const { db } = await setup();
  expect(await putSchedule(db, hourly)).toBe(true);
  expect(await putSchedule(db, { ...hourly, next_at_ms: 7_200_000 })).toBe(false);
  expect(await findSchedule(db, "hourly")).toEqual({ ...hourly, now_ms: expect.any(Number) });
  const moved = { ...hourly, timezone: "Europe/Berlin", next_at_ms: 7_200_000 };
  expect(await putSchedule(db, moved)).toBe(true);
  expect(await findSchedule(db, "hourly")).toMatchObject(moved);
});

test("advanceSchedule() moves a schedule for one of those that saw the same time, and for none that saw it otherwise", async () => {
  const { db, another } = await setup();
  await putSchedule(db, hourly);
  const others = [db, another(), another()];
  const advanced = await Promise.all(
    others.map((one) => one.transaction((tx) => advanceSchedule(tx, hourly, 7_200_000))),
  );
  expect(advanced.filter((is_ours) => is_ours)).toHaveLength(1);
  const late = { ...hourly, next_at_ms: 7_200_000, cron: "30 * * * *" };
  expect(await advanceSchedule(db, late, 10_800_000)).toBe(false);
  expect(await findSchedule(db, "hourly")).toMatchObject({ next_at_ms: 7_200_000 });
});

test("removeSchedulesBut() takes all others away and says which", async () => {
  const { db } = await setup();
  for (const name of ["a", "b", "c"]) await putSchedule(db, { ...hourly, name });
  expect((await removeSchedulesBut(db, ["b"])).sort()).toEqual(["a", "c"]);
  expect(await removeSchedulesBut(db, [])).toEqual(["b"]);
  expect(await findSchedule(db, "b")).toBeNull();
});
