import type { CameraDetections } from "@gatehouse/events";
import type { Queryable } from "./queryable.ts";

/** A frame with kept boxes, in the one batch that it belongs to. Written by enrichment. */
export interface BatchMember {
  camera_id: string;
  frame_id: string;
  batch_id: string;
  captured_at_ms: number;
  /** Kept boxes in it. */
  boxes: number;
  set: CameraDetections;
}

/** Puts a frame into a batch. False when it was in one already. */
export async function insertMember(tx: Queryable, member: BatchMember): Promise<boolean> {
  const written = await tx.query(
    `insert into batch_members (camera_id, frame_id, batch_id, captured_at_ms, boxes, "set")
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning 1`,
    [
      member.camera_id,
      member.frame_id,
      member.batch_id,
      member.captured_at_ms,
      member.boxes,
      JSON.stringify(member.set),
    ],
  );
  return written.length > 0;
}

export async function findMember(db: Queryable, camera_id: string, frame_id: string): Promise<BatchMember | null> {
  const [row] = await db.query<BatchMember>("select * from batch_members where camera_id = $1 and frame_id = $2", [
    camera_id,
    frame_id,
  ]);
  return row ?? null;
}

/** The frames of a batch in the order they were captured. */
export function batchMembers(db: Queryable, batch_id: string): Promise<BatchMember[]> {
  return db.query<BatchMember>("select * from batch_members where batch_id = $1 order by captured_at_ms, frame_id", [
    batch_id,
  ]);
}
