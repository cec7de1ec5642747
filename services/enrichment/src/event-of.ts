import type { CameraEvent, Risk } from "@gatehouse/events";
import { batchesOfEvent, findCamera, type Queryable } from "@gatehouse/store";
import { labelsByCount } from "./batching.ts";
import { countLabels, type RiskFacts } from "./risk-prompt.ts";

/** What is known of an event, from its batches. Null: none of them is kept any more. */
export async function factsOf(db: Queryable, event_id: string): Promise<RiskFacts | null> {
  const batches = await batchesOfEvent(db, event_id);
  if (!batches[0]) return null;
  const { camera_id } = batches[0];
  const camera = await findCamera(db, camera_id);
  const ended = batches.every(({ state }) => state === "closed");
  return { camera_id, camera_name: camera?.name ?? camera_id, batches, ended };
}

export interface NextRevision {
  risk: Risk;
  /** The revision before; null for the first. */
  before: CameraEvent | null;
  /** Told before its turn: on the fast path, if it still goes on. */
  early: boolean;
}

/** The next revision of an event as it is published. */
export function eventOf(event_id: string, facts: RiskFacts, { risk, before, early }: NextRevision): CameraEvent {
  const { camera_id, batches, ended } = facts;
  const last = batches.reduce((a, b) => (b.last_at_ms >= a.last_at_ms ? b : a));
  return {
    event_id,
    revision: before ? before.revision + 1 : 0,
    camera_id,
    started_at_ms: Math.min(...batches.map(({ started_at_ms }) => started_at_ms)),
    ended_at_ms: ended ? last.last_at_ms : null,
    labels: labelsByCount(countLabels(batches)),
    detection_count: batches.reduce((sum, { detection_count }) => sum + detection_count, 0),
    close_reason: ended ? last.close_reason : null,
    fast_path: before ? before.fast_path : early && !ended,
    risk,
    enrichment: { status: "skipped", results: {} },
    snapshot: `/api/events/${event_id}/snapshot`,
  };
}
