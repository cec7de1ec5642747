import { cameraEventCreated, cameraEventUpdated } from "@gatehouse/events";
import { ack, FencedError, type Publish, retry, type Verdict } from "@gatehouse/runtime";
import { type EventRow, markEventPublished, type Queryable, unpublishedRevisions } from "@gatehouse/store";

const TRIES = 8;
const AGAIN_MS = 100;

/**
 * Publishes what of an event was written and not yet published, in order: each after the one before it was
 * acknowledged. Several may do so at once, and one of them may have been paused in between: each looks first whether
 * the revision is there, and the broker refuses it when anybody published an event of the camera since that look.
 */
export async function publishRevisions(db: Queryable, event_id: string, publish: Publish): Promise<Verdict> {
  for (let tries = 0; tries < TRIES; tries++) if (await publishAll(db, event_id, publish)) return ack;
  return retry({ afterMs: AGAIN_MS });
}

/** False when another writer came in between. */
async function publishAll(db: Queryable, event_id: string, publish: Publish): Promise<boolean> {
  for (const row of await unpublishedRevisions(db, event_id)) {
    const seq = await publishFenced(row, publish);
    if (seq === null) return false;
    await markEventPublished(db, event_id, row.revision, seq);
  }
  return true;
}

async function publishFenced({ event, created_at_ms }: EventRow, publish: Publish): Promise<number | null> {
  const type = event.revision === 0 ? cameraEventCreated : cameraEventUpdated;
  try {
    return (await publish(type, event, { created_at_ms, fenced: true })).seq;
  } catch (error) {
    if (error instanceof FencedError) return null;
    throw error;
  }
}
