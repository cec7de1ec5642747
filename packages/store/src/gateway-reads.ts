import { DETECTION_COLUMNS, type DetectionRow } from "./detections.ts";
import type { KeyRow } from "./keys.ts";
import type { Queryable } from "./queryable.ts";

/** A key by its id; null for an unknown or a revoked one. */
export async function findKeyById(db: Queryable, key_id: string): Promise<KeyRow | null> {
  const [row] = await db.query<KeyRow>(
    `select key_id, role, user_id, subjects, label, created_at_ms, revoked_at_ms, last_used_at_ms
     from keys where key_id = $1 and revoked_at_ms is null`,
    [key_id],
  );
  return row ?? null;
}

/** The frame of an event with the most certain box; null once its detections are forgotten. */
export async function bestFrameOfEvent(db: Queryable, event_id: string): Promise<DetectionRow | null> {
  const columns = DETECTION_COLUMNS.split(", ").map((column) => `d.${column}`);
  const [row] = await db.query<DetectionRow>(
    `select ${columns.join(", ")} from batches b
     join batch_members m on m.batch_id = b.batch_id
     join detections d on d.camera_id = m.camera_id and d.frame_id = m.frame_id
     where b.event_id = $1 or b.batch_id = $1
     order by d.media_key is null, d.max_confidence desc nulls last, d.captured_at_ms limit 1`,
    [event_id],
  );
  return row ?? null;
}

/** The newest detected frame of a camera whose picture was kept, or of none. */
export async function lastPictureOf(db: Queryable, camera_id: string): Promise<DetectionRow | null> {
  const [row] = await db.query<DetectionRow>(
    `select ${DETECTION_COLUMNS} from detections where camera_id = $1 and media_key is not null
     order by captured_at_ms desc, frame_id desc limit 1`,
    [camera_id],
  );
  return row ?? null;
}

/** The newest detected frame of each of these cameras. */
export function lastFrames(db: Queryable, camera_ids: readonly string[]): Promise<DetectionRow[]> {
  return db.query<DetectionRow>(
    `select d.* from unnest($1::text[]) as c (id) cross join lateral (
       select ${DETECTION_COLUMNS} from detections where camera_id = c.id
       order by captured_at_ms desc, frame_id desc limit 1) d`,
    [camera_ids],
  );
}

/** Rows that are due, now or later, by service. */
export function countDueByService(db: Queryable): Promise<{ service: string; kind: string; count: number }[]> {
  return db.query("select service, kind, count(*) as count from due group by service, kind order by service, kind");
}
