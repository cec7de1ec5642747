import type { CameraDetections } from "@gatehouse/events";
import { decodeCursor, type Page, toPage } from "./cursor.ts";
import type { Queryable } from "./queryable.ts";

/** What was found in one frame. Written by detection-ingest, read by gateway. */
export interface DetectionRow {
  camera_id: string;
  frame_id: string;
  /** Of the picture's bytes, hex: the same frame_id with another one is `FRAME_ID_REUSED`. */
  sha256: string;
  captured_at_ms: number;
  /** When the row was written, by the database's clock. */
  created_at_ms: number;
  /** The whole event, as it is published. */
  set: CameraDetections;
  media_key: string | null;
  thumbnail_key: string | null;
  /** Where in its stream the event was kept; null while it is not known to be published. */
  published_seq: number | null;
}

export interface DetectionFilter {
  camera_id?: string;
  label?: string;
  /** Captured at or after. */
  since_ms?: number;
  /** Captured before. */
  until_ms?: number;
  limit: number;
  cursor?: string | null;
}

export const DETECTION_COLUMNS =
  'camera_id, frame_id, sha256, captured_at_ms, created_at_ms, "set", media_key, thumbnail_key, published_seq';

export async function findDetection(db: Queryable, camera_id: string, frame_id: string): Promise<DetectionRow | null> {
  const [row] = await db.query<DetectionRow>(
    `select ${DETECTION_COLUMNS} from detections where camera_id = $1 and frame_id = $2`,
    [camera_id, frame_id],
  );
  return row ?? null;
}

/** Newest captured first. @throws {BadCursorError} */
export async function listDetections(db: Queryable, filter: DetectionFilter): Promise<Page<DetectionRow>> {
  const values: unknown[] = [];
  const given = (value: unknown) => `$${values.push(value)}`;
  const wanted = ["true"];
  if (filter.camera_id !== undefined) wanted.push(`camera_id = ${given(filter.camera_id)}`);
  if (filter.label !== undefined) wanted.push(`labels <> '{}' and labels @> array[${given(filter.label)}::text]`);
  if (filter.since_ms !== undefined) wanted.push(`captured_at_ms >= ${given(filter.since_ms)}`);
  if (filter.until_ms !== undefined) wanted.push(`captured_at_ms < ${given(filter.until_ms)}`);
  if (filter.cursor)
    wanted.push(`(captured_at_ms, camera_id, frame_id) < (${decodeCursor(filter.cursor, 2).map(given).join(", ")})`);
  const rows = await db.query<DetectionRow>(
    `select ${DETECTION_COLUMNS} from detections where ${wanted.join(" and ")}
     order by captured_at_ms desc, camera_id desc, frame_id desc limit ${given(filter.limit + 1)}`,
    values,
  );
  return toPage(rows, filter.limit, (row) => [row.captured_at_ms, row.camera_id, row.frame_id]);
}
