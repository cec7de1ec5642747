import { expect, test } from "vitest";
import { ensureCamera, findCamera, listCameras, lockCamera, moveCamera } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();

test("ensureCamera() makes a camera once and only takes a name that is given", async () => {
  const { db } = await setup();
  expect(await findCamera(db, "gate")).toBeNull();
  await Promise.all([1, 2, 3, 4].map((at_ms) => ensureCamera(db, { camera_id: "gate", at_ms, via: "folder" })));
  expect(await findCamera(db, "gate")).toMatchObject({ name: "gate", first_seen_via: "folder" });
  await ensureCamera(db, { camera_id: "gate", name: "The gate", at_ms: 9 });
  await ensureCamera(db, { camera_id: "gate", at_ms: 10 });
  await ensureCamera(db, { camera_id: "back", at_ms: 10 });
  expect((await listCameras(db)).map(({ name }) => name)).toEqual(["back", "The gate"]);
});

test("lockCamera() creates the row and holds it until the transaction ends", async () => {
  const { db, another } = await setup();
  const hasty = another({ statement_timeout_ms: 300 });
  await db.transaction(async (tx) => {
    expect(await lockCamera(tx, "gate")).toMatchObject({ camera_id: "gate", last_captured_at_ms: null });
    await expect(hasty.transaction((other) => lockCamera(other, "gate"))).rejects.toMatchObject({
      code: "POSTGRES_DOWN",
    });
  });
  expect(await hasty.transaction((tx) => lockCamera(tx, "gate"))).toMatchObject({ camera_id: "gate" });
});

test("moveCamera() goes only forward", async () => {
  const { db } = await setup();
  await ensureCamera(db, { camera_id: "gate", at_ms: 1 });
  expect(await moveCamera(db, "gate", 100, "f-1")).toBe(true);
  expect(await moveCamera(db, "gate", 50, "f-0")).toBe(false);
  expect(await moveCamera(db, "gate", 100, "f-1")).toBe(false);
  expect(await findCamera(db, "gate")).toMatchObject({ last_captured_at_ms: 100, last_frame_id: "f-1" });
});
