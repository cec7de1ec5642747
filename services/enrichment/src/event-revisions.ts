import { type CameraEvent, cameraEventCreated, cameraEventUpdated } from "@gatehouse/events";
import type { HandlerContext } from "@gatehouse/runtime";
import {
  batchesOfEvent,
  type Database,
  findCamera,
  findRevisionByCause,
  insertRevision,
  latestRevision,
  lockCamera,
  markEventPublished,
  putDue,
  type Queryable,
  unpublishedRevisions,
} from "@gatehouse/store";
import { labelsByCount } from "./batching.ts";
import type { Judgement } from "./judge.ts";
import { countLabels, type RiskFacts } from "./risk-prompt.ts";
import { SERVICE } from "./service-name.ts";

const SCORE_AGAIN_MS = 15_000;

/** What is known of an event, from its batches. @throws when it has none */
export async function factsOf(db: Queryable, event_id: string): Promise<RiskFacts> {
  const batches = await batchesOfEvent(db, event_id);
  const camera_id = batches[0]!.camera_id;
  const camera = await findCamera(db, camera_id);
  return {
    camera_id,
    camera_name: camera?.name ?? camera_id,
    batches,
    ended: batches.every(({ state }) => state === "closed"),
  };
}

/** Why a revision is written: at most one of an event for each cause, so that a repeat changes nothing. */
export type Cause = `early.${string}` | `tell.${string}` | `score.${number}`;

/**
 * Writes the next revision of an event, and that it is to be scored later where it is not.
 * Does nothing when the cause already wrote one, or when `first_only` and there is one.
 */
export async function keepRevision(
  db: Database,
  event_id: string,
  cause: Cause,
  { risk, facts }: Judgement,
  { first_only = false } = {},
): Promise<void> {
  await db.transaction(async (tx) => {
    const known = await factsOf(tx, event_id);
    await lockCamera(tx, known.camera_id);
    if (await findRevisionByCause(tx, event_id, cause)) return;
    const latest = await latestRevision(tx, event_id);
    if (latest && first_only) return;
    const event = eventOf(event_id, await factsOf(tx, event_id), risk, latest?.event ?? null);
    await insertRevision(tx, event, { ...facts, cause });
    if (risk.status === "unscored")
      await putDue(tx, {
        service: SERVICE,
        kind: "score",
        key: event_id,
        due_at_ms: Date.now() + SCORE_AGAIN_MS,
        payload: null,
      });
  });
}

function eventOf(
  event_id: string,
  { camera_id, batches, ended }: RiskFacts,
  risk: CameraEvent["risk"],
  before: CameraEvent | null,
): CameraEvent {
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
    fast_path: before ? before.fast_path : !ended,
    risk,
    enrichment: { status: "skipped", results: {} },
    snapshot: `/api/events/${event_id}/snapshot`,
  };
}

/** Publishes what of an event was written and not yet published, in order. */
export async function publishRevisions(
  db: Queryable,
  event_id: string,
  publish: HandlerContext["publish"],
): Promise<void> {
  for (const { event, created_at_ms } of await unpublishedRevisions(db, event_id)) {
    const type = event.revision === 0 ? cameraEventCreated : cameraEventUpdated;
    const { seq } = await publish(type, event, { created_at_ms });
    await markEventPublished(db, event_id, event.revision, seq);
  }
}
