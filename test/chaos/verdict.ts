import { type CameraDetections, type CameraEvent, decodeBody } from "@gatehouse/events";
import type { StoredMessage } from "@gatehouse/runtime";
import type { World } from "../harness/world.ts";

/** What the bus and the database say after the storm. An empty list of faults: the promise held. */
export interface ChaosVerdict {
  frames: number;
  sets: number;
  frames_with_boxes: number;
  events: number;
  revisions: number;
  faults: string[];
}

/** Reads the whole story from the bus and from SQL, never from the services' own counters. */
export async function judgeWorld(world: World, acknowledged: ReadonlySet<string>): Promise<ChaosVerdict> {
  const faults: string[] = [];
  const sets = (await wholeStream(world, "CAMERA_DETECTIONS")).map(
    ({ body }) => decodeBody(body).fields as CameraDetections,
  );
  const events = (await wholeStream(world, "SECURITY_EVENTS")).map(
    ({ body }) => decodeBody(body).fields as unknown as CameraEvent,
  );
  faults.push(...judgeSets(sets, acknowledged));
  faults.push(...(await judgePartition(world, sets)));
  faults.push(...judgeRevisions(events));
  faults.push(...(await judgeEvents(world, events)));
  for (const { subject, headers } of await wholeStream(world, "DEAD_LETTERS"))
    faults.push(`dead letter on ${subject}: ${headers["Gatehouse-Code"]} ${headers["Gatehouse-Reason"]}`);
  const frames_with_boxes = sets.filter(({ detections }) => detections.length > 0).length;
  const distinct = new Set(events.map(({ event_id }) => event_id)).size;
  return {
    frames: acknowledged.size,
    sets: sets.length,
    frames_with_boxes,
    events: distinct,
    revisions: events.length,
    faults,
  };
}

async function wholeStream(world: World, stream: string): Promise<StoredMessage[]> {
  const { last_seq, messages } = await world.bus.stream(stream);
  const all: StoredMessage[] = [];
  if (messages === 0) return all;
  const done = new AbortController();
  for await (const message of world.bus.follow(stream, "all", {
    signal: AbortSignal.any([done.signal, AbortSignal.timeout(60_000)]),
  })) {
    all.push({ ...message, body: message.body.slice() });
    if (message.seq >= last_seq) done.abort();
  }
  return all;
}

function judgeSets(sets: readonly CameraDetections[], acknowledged: ReadonlySet<string>): string[] {
  const counts = new Map<string, number>();
  for (const { camera_id, frame_id } of sets)
    counts.set(`${camera_id}.${frame_id}`, (counts.get(`${camera_id}.${frame_id}`) ?? 0) + 1);
  const missing = [...acknowledged]
    .filter((key) => !counts.has(key))
    .map((key) => `no detections of acknowledged frame ${key}`);
  const doubled = [...counts]
    .filter(([, count]) => count !== 1)
    .map(([key, count]) => `${count} sets of detections of frame ${key}`);
  return [...missing, ...doubled];
}

/** Every frame with a kept box is in exactly one batch, every batch is closed and in exactly one event. */
async function judgePartition(world: World, sets: readonly CameraDetections[]): Promise<string[]> {
  const members = await world.db.query<{ key: string; event_id: string | null; state: string }>(
    "select m.camera_id || '.' || m.frame_id as key, b.event_id, b.state from batch_members m join batches b using (batch_id)",
    [],
  );
  const known = new Set(members.map(({ key }) => key));
  const boxed = new Set(
    sets.filter(({ detections }) => detections.length > 0).map(({ camera_id, frame_id }) => `${camera_id}.${frame_id}`),
  );
  return [
    ...[...boxed].filter((key) => !known.has(key)).map((key) => `frame ${key} with boxes is in no event`),
    ...[...known].filter((key) => !boxed.has(key)).map((key) => `frame ${key} without boxes is in an event`),
    ...members
      .filter(({ event_id, state }) => event_id === null || state !== "closed")
      .map(({ key, state }) => `the batch of frame ${key} is ${state}, without an event`),
  ];
}

/** Revisions of an event are on the bus from 0 on, in order, without a hole, each once. */
function judgeRevisions(events: readonly CameraEvent[]): string[] {
  const seen = new Map<string, number[]>();
  for (const { event_id, revision } of events) seen.set(event_id, [...(seen.get(event_id) ?? []), revision]);
  return [...seen]
    .filter(([, revisions]) => revisions.some((revision, i) => revision !== i))
    .map(([id, revisions]) => `event ${id} has revisions ${revisions.join(", ")} on the bus`);
}

/** The last revision of every event counts exactly the boxes of its frames. */
async function judgeEvents(world: World, events: readonly CameraEvent[]): Promise<string[]> {
  const rows = await world.db.query<{ event_id: string; boxes: number }>(
    "select b.event_id, sum(m.boxes)::int as boxes from batch_members m join batches b using (batch_id) group by b.event_id",
    [],
  );
  const last = new Map(events.map((event) => [event.event_id, event]));
  const faults = rows.flatMap(({ event_id, boxes }) => {
    const event = last.get(event_id);
    if (!event) return [`event ${event_id} was never published`];
    return event.detection_count === boxes
      ? []
      : [`event ${event_id} says ${event.detection_count} boxes, its frames have ${boxes}`];
  });
  const known = new Set(rows.map(({ event_id }) => event_id));
  return [...faults, ...[...last.keys()].filter((id) => !known.has(id)).map((id) => `event ${id} has no frames`)];
}
