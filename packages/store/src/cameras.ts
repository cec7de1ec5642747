import type { Queryable } from "./queryable.ts";

/** A camera. Written by detection-ingest (first frame, movement) and gateway (name). */
export interface CameraRow {
  camera_id: string;
  name: string;
  created_at_ms: number;
  /** When the newest frame was taken; null before the first. A frame older than this is detected but does not move the camera. */
  last_captured_at_ms: number | null;
  last_frame_id: string | null;
  /** When the newest frame was taken of which it was noted what it shows. */
  scene_at_ms: number | null;
  /** The way in that made it known: "bus", "http", "folder", "config", … */
  first_seen_via: string;
}

export interface NewCamera {
  camera_id: string;
  /** Without it the id serves; an existing name is kept. */
  name?: string;
  at_ms: number;
  via?: string;
}

/** Makes the camera known; an existing one takes a given name and is otherwise left as it is. Safe to repeat. */
export async function ensureCamera(db: Queryable, { camera_id, name, at_ms, via = "bus" }: NewCamera): Promise<void> {
  await db.query(
    `insert into cameras (camera_id, name, created_at_ms, first_seen_via) values ($1, coalesce($2::text, $1), $3, $4)
     on conflict (camera_id) do update set name = $2::text where $2::text is not null and cameras.name <> $2::text`,
    [camera_id, name ?? null, at_ms, via],
  );
}

/** All cameras by id. */
export function listCameras(db: Queryable): Promise<CameraRow[]> {
  return db.query<CameraRow>("select * from cameras order by camera_id");
}

export async function findCamera(db: Queryable, camera_id: string): Promise<CameraRow | null> {
  const [row] = await db.query<CameraRow>("select * from cameras where camera_id = $1", [camera_id]);
  return row ?? null;
}

/** Locks the camera's row until the transaction ends: whatever belongs to a camera changes under it. Creates it if absent. */
export async function lockCamera(tx: Queryable, camera_id: string): Promise<CameraRow> {
  for (;;) {
    const [row] = await tx.query<CameraRow>("select * from cameras where camera_id = $1 for update", [camera_id]);
    if (row) return row;
    await ensureCamera(tx, { camera_id, at_ms: Date.now() });
  }
}

/** Notes the newest frame; never goes back in time. False when the frame is not newer. */
export async function moveCamera(
  tx: Queryable,
  camera_id: string,
  captured_at_ms: number,
  frame_id: string,
): Promise<boolean> {
  const moved = await tx.query(
    `update cameras set last_captured_at_ms = $2, last_frame_id = $3
     where camera_id = $1 and (last_captured_at_ms is null or last_captured_at_ms < $2) returning 1`,
    [camera_id, captured_at_ms, frame_id],
  );
  return moved.length > 0;
}
