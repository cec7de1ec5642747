import type { CameraDetections } from "@gatehouse/events";
import { type DetectionRow, findDetections, frameKey } from "./detections.ts";
import type { Queryable } from "./queryable.ts";

/** What detection-ingest found in a frame, about to be kept. */
export interface NewDetection {
  set: CameraDetections;
  sha256: string;
  media_key?: string | null;
  thumbnail_key?: string | null;
}

const INSERT = `insert into detections
    (camera_id, frame_id, sha256, captured_at_ms, created_at_ms, labels, max_confidence, "set", media_key, thumbnail_key)
  select camera_id, frame_id, sha256, captured_at_ms, now_ms(),
         array(select distinct jsonb_path_query("set", '$.detections[*].label') #>> '{}'), max_confidence, "set", media_key, thumbnail_key
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::float8[], $6::jsonb[], $7::text[], $8::text[])
    as t (camera_id, frame_id, sha256, captured_at_ms, max_confidence, "set", media_key, thumbnail_key)
  order by camera_id, frame_id
  on conflict do nothing
  returning camera_id, frame_id, created_at_ms`;

/** Writes several frames in one statement and gives, for each, the row that was there first. */
export async function keepDetections(db: Queryable, news: readonly NewDetection[]): Promise<DetectionRow[]> {
  const first = new Map<string, NewDetection>();
  for (const one of news) if (!first.has(frameKey(one.set))) first.set(frameKey(one.set), one);
  const kept = new Map<string, DetectionRow>();
  while (kept.size < first.size) {
    const missing = [...first].filter(([key]) => !kept.has(key)).map(([, one]) => one);
    for (const row of await insertOrFind(db, missing)) kept.set(frameKey(row), row);
  }
  return news.map(({ set }) => kept.get(frameKey(set))!);
}

/** The rows that won. One that was removed between the two statements is not among them. */
async function insertOrFind(db: Queryable, news: readonly NewDetection[]): Promise<DetectionRow[]> {
  const written = await db.query<Pick<DetectionRow, "camera_id" | "frame_id" | "created_at_ms">>(
    INSERT,
    columnsOf(news),
  );
  const times = new Map(written.map((row) => [frameKey(row), row.created_at_ms]));
  const won = news.filter(({ set }) => times.has(frameKey(set)));
  const lost = news.filter(({ set }) => !times.has(frameKey(set)));
  const rows = won.map((one) => rowOf(one, times.get(frameKey(one.set))!));
  if (lost.length === 0) return rows;
  const found = await findDetections(
    db,
    lost.map(({ set }) => set),
  );
  return [...rows, ...found.values()];
}

function columnsOf(news: readonly NewDetection[]): unknown[] {
  return [
    news.map(({ set }) => set.camera_id),
    news.map(({ set }) => set.frame_id),
    news.map(({ sha256 }) => sha256),
    news.map(({ set }) => set.captured_at_ms),
    news.map(({ set }) => (set.detections.length ? Math.max(...set.detections.map((d) => d.confidence)) : null)),
    news.map(({ set }) => JSON.stringify(set)),
    news.map(({ media_key }) => media_key ?? null),
    news.map(({ thumbnail_key }) => thumbnail_key ?? null),
  ];
}

function rowOf({ set, sha256, media_key, thumbnail_key }: NewDetection, created_at_ms: number): DetectionRow {
  return {
    camera_id: set.camera_id,
    frame_id: set.frame_id,
    sha256,
    captured_at_ms: set.captured_at_ms,
    created_at_ms,
    set,
    media_key: media_key ?? null,
    thumbnail_key: thumbnail_key ?? null,
    published_seq: null,
  };
}
