import type { CameraEvent } from "@gatehouse/events";
import type { Embedder } from "@gatehouse/models";
import { ack, type MessageContext, type Verdict } from "@gatehouse/runtime";
import { type Database, eventPassageId, findCamera, type NewPassage, putNewerPassage } from "@gatehouse/store";
import type { HouseTime } from "../house-time.ts";
import { dueEmbedding } from "./due-embedding.ts";
import { eventText } from "./event-text.ts";

/** What indexing events leans on. */
export interface IndexEventDeps {
  readonly db: Database;
  /** Null: nothing is embedded until a start with one. */
  readonly embedder: Embedder | null;
  readonly time: HouseTime;
}

/** A revision of a security event in, one passage that questions find. The newest revision stays, in whatever order they come. */
export async function indexEvent(
  event: CameraEvent,
  { db, embedder, time, stage }: MessageContext<IndexEventDeps>,
): Promise<Verdict> {
  const camera = await stage("lookup", () => findCamera(db, event.camera_id));
  const passage = passageOf(event, eventText(event, camera?.name ?? event.camera_id, time));
  await stage("persist", () => db.transaction((tx) => putNewerPassage(tx, passage)));
  if (embedder) await stage("due", () => dueEmbedding(db));
  return ack;
}

function passageOf({ event_id, revision, camera_id, started_at_ms }: CameraEvent, text: string): NewPassage {
  return {
    passage_id: eventPassageId(event_id),
    collection: "events",
    kind: "event",
    document_id: null,
    position: revision,
    text,
    uri: `/api/events/${event_id}`,
    user_id: null,
    camera_id,
    at_ms: started_at_ms,
  };
}
