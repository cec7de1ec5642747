import { type CameraStatus, cameraStatus } from "@gatehouse/events";
import { type DueContext, publishInOrder, type Verdict } from "@gatehouse/runtime";
import {
  type Database,
  markScenePublished,
  noteScene,
  putDue,
  type Scene,
  type SceneChange,
  unpublishedScenes,
} from "@gatehouse/store";
import type { Deps } from "./service.ts";

/** Notes what a frame of a camera shows, under the camera's row lock; where that is a change, telling it is due, in this trace. Safe to repeat. */
export async function noteView(
  db: Database,
  seen: Parameters<typeof noteScene>[1],
  trace: Readonly<Record<string, string>>,
): Promise<void> {
  await db.transaction(async (tx) => {
    if (!(await noteScene(tx, seen))) return;
    const key = seen.camera_id;
    await putDue(tx, { service: "detection-ingest", kind: "status", key, due_at_ms: Date.now(), trace });
  });
}

/** A camera shows something else: publish each change of its status once, in order. Key: camera_id. */
export async function tellStatus(_payload: unknown, { db, due, publish, stage }: DueContext<Deps>): Promise<Verdict> {
  return stage("publish", () =>
    publishInOrder({
      rows: () => unpublishedScenes(db, due.key),
      publish: (change) =>
        publish(cameraStatus, statusOf(change), {
          id: `${change.camera_id}.${change.frame_id}.status`,
          created_at_ms: change.created_at_ms,
          fenced: true,
        }),
      mark: (change, seq) => markScenePublished(db, change, seq),
    }),
  );
}

const WORDS: Readonly<Record<Scene, Pick<CameraStatus, "status" | "reason">>> = {
  same: { status: "online" },
  blocked: { status: "degraded", reason: "The camera shows nothing: it is covered, or it is dark" },
  angle_changed: { status: "degraded", reason: "The camera shows another place than before" },
};

/** A camera that shows nothing, or another place than before, is degraded. */
export function statusOf({ camera_id, scene, captured_at_ms }: SceneChange): CameraStatus {
  return { camera_id, scene, ...WORDS[scene], timestamp_ms: captured_at_ms };
}
