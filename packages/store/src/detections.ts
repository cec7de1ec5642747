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

/** Whose row: a frame is unique within its camera. */
export type FrameName = Pick<DetectionRow, "camera_id" | "frame_id">;

/** `{camera_id}.{frame_id}`: a camera_id has no dot, so two frames never share it. */
export const frameKey = ({ camera_id, frame_id }: FrameName) => `${camera_id}.${frame_id}`;

/** The rows of several frames by `frameKey`, in one statement; what is not there is missing. */
export async function findDetections(
  db: Queryable,
  frames: readonly FrameName[],
): Promise<ReadonlyMap<string, DetectionRow>> {
  const rows = await db.query<DetectionRow>(
    `select ${DETECTION_COLUMNS} from detections
     where (camera_id, frame_id) in (select * from unnest($1::text[], $2::text[]))`,
    [frames.map(({ camera_id }) => camera_id), frames.map(({ frame_id }) => frame_id)],
  );
  return new Map(rows.map((row) => [frameKey(row), row]));
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
