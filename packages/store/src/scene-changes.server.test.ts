import { expect, test } from "vitest";
import { forgetOld, markScenePublished, noteScene, type Scene, unpublishedScenes } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();

async function setupScenes() {
  const { db } = await setup();
  const note = (captured_at_ms: number, scene: Scene, camera_id = "gate") =>
    db.transaction((tx) => noteScene(tx, { camera_id, frame_id: `f-${captured_at_ms}`, scene, captured_at_ms }));
  return { db, note };
}

test("noteScene() keeps changes only, and none of a frame older than the newest that was noted", async () => {
  const { db, note } = await setupScenes();
  expect(await note(10, "same")).toBe(false);
  expect(await note(9, "blocked")).toBe(false);
  expect(await note(20, "blocked")).toBe(true);
  expect(await note(20, "blocked")).toBe(false);
  expect(await note(19, "same")).toBe(false);
  expect(await note(30, "same")).toBe(true);
  expect(await note(1, "angle_changed", "yard")).toBe(true);
  expect(await unpublishedScenes(db, "gate")).toMatchObject([
    { frame_id: "f-20", scene: "blocked", captured_at_ms: 20, created_at_ms: expect.any(Number) },
    { frame_id: "f-30", scene: "same" },
  ]);
});

test("noteScene() keeps one change when many see it at once", async () => {
  const { db, note } = await setupScenes();
  const kept = await Promise.all(Array.from({ length: 20 }, (_, i) => note(100 + i, "blocked")));
  expect(kept.filter(Boolean)).toHaveLength(1);
  expect(await unpublishedScenes(db, "gate")).toHaveLength(1);
});

test("forgetOld() spares the last change of a camera and what was not published", async () => {
  const { db, note } = await setupScenes();
  for (const [at_ms, scene] of [
    [1, "blocked"],
    [2, "same"],
    [3, "blocked"],
    [4, "same"],
  ] as const)
    await note(at_ms, scene);
  for (const at_ms of [1, 2, 4]) await markScenePublished(db, { camera_id: "gate", frame_id: `f-${at_ms}` }, at_ms);
  expect(await forgetOld(db, { detections_before_ms: 100 }, 10)).toMatchObject({ scene_changes: 2 });
  expect(await db.query("select frame_id from scene_changes order by change_id")).toEqual([
    { frame_id: "f-3" },
    { frame_id: "f-4" },
  ]);
});
