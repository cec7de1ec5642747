import { cameraEventCreated, cameraEventUpdated } from "@gatehouse/events";
import { type Publish, publishInOrder, type Verdict } from "@gatehouse/runtime";
import { markEventPublished, type Queryable, unpublishedRevisions } from "@gatehouse/store";

/** Publishes what of an event was written and not yet published, in order: the broker refuses it when anybody published an event of the camera meanwhile. */
export function publishRevisions(db: Queryable, event_id: string, publish: Publish): Promise<Verdict> {
  return publishInOrder({
    rows: () => unpublishedRevisions(db, event_id),
    publish: ({ event, created_at_ms }) =>
      publish(event.revision === 0 ? cameraEventCreated : cameraEventUpdated, event, { created_at_ms, fenced: true }),
    mark: ({ revision }, seq) => markEventPublished(db, event_id, revision, seq),
  });
}
