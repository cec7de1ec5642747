import type { Page } from "./cursor.ts";
import {
  type DetectionFilter,
  type DetectionRow,
  type FrameName,
  findDetections,
  frameKey,
  listDetections,
} from "./detections.ts";
import { gather } from "./gather.ts";
import { keepDetections, type NewDetection } from "./keep-detections.ts";
import type { Queryable } from "./queryable.ts";

/** The table `detections`: one row a frame, kept once. Concurrent calls share statements. */
export interface DetectionStore {
  /** @throws {StoreBusyError} when 4096 others wait */
  find(camera_id: string, frame_id: string): Promise<DetectionRow | null>;
  /**
   * Keeps what was found in a frame and gives the row that was there first: every caller gets the same one.
   * @throws {StoreBusyError} when 4096 others wait
   */
  keep(detection: NewDetection): Promise<DetectionRow>;
  /** Notes where the event was kept, and where its thumbnail; the first mark stays. @throws {StoreBusyError} when 4096 others wait */
  markPublished(camera_id: string, frame_id: string, seq: number, thumbnail_key?: string | null): Promise<void>;
  /** Newest captured first. @throws {BadCursorError} */
  list(filter: DetectionFilter): Promise<Page<DetectionRow>>;
}

export function createDetectionStore(db: Queryable): DetectionStore {
  const find = gather<FrameName, DetectionRow | null>({
    name: "lookups",
    write: async (frames) => {
      const found = await findDetections(db, frames);
      return frames.map((frame) => found.get(frameKey(frame)) ?? null);
    },
  });
  const keep = gather<NewDetection, DetectionRow>({
    name: "detections",
    write: (items) => keepDetections(db, items),
  });
  const mark = gather<Mark, undefined>({ name: "published marks", write: (items) => markAll(db, items) });
  return {
    find: (camera_id, frame_id) => find({ camera_id, frame_id }),
    keep,
    markPublished: (camera_id, frame_id, seq, thumbnail_key = null) =>
      mark({ camera_id, frame_id, seq, thumbnail_key }),
    list: (filter) => listDetections(db, filter),
  };
}

interface Mark extends FrameName {
  seq: number;
  thumbnail_key: string | null;
}

/** Rows are locked in the order of their keys, so that two of these statements never wait for each other. */
async function markAll(db: Queryable, marks: readonly Mark[]): Promise<undefined[]> {
  await db.query(
    `with marks as (select camera_id, frame_id, min(seq) as seq, max(thumbnail_key) as thumbnail_key
                    from unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
                      as t (camera_id, frame_id, seq, thumbnail_key) group by 1, 2),
          locked as (select camera_id, frame_id, marks.seq, marks.thumbnail_key
                     from detections join marks using (camera_id, frame_id)
                     where published_seq is null order by camera_id, frame_id for update of detections)
     update detections d set published_seq = locked.seq, thumbnail_key = coalesce(locked.thumbnail_key, d.thumbnail_key)
     from locked
     where d.camera_id = locked.camera_id and d.frame_id = locked.frame_id`,
    [
      marks.map((m) => m.camera_id),
      marks.map((m) => m.frame_id),
      marks.map((m) => m.seq),
      marks.map((m) => m.thumbnail_key),
    ],
  );
  return marks.map(() => undefined);
}
