import { ENDED } from "./pipeline-told.ts";
import type { Database, Queryable } from "./queryable.ts";

/** What is older goes. Without a time, nothing of that kind does. */
export interface Ages {
  /** By captured time; so also what cameras showed, but for the last change of each and what was not published. */
  detections_before_ms?: number;
  /**
   * By the start of the event, and the wall clock of its batches' end: a camera's clock may be years behind. One with a
   * revision that is not known to be published stays. Its batches, members, feedback and acknowledgement go with it.
   */
  events_before_ms?: number;
  /** Owners of request ids. */
  requests_before_ms?: number;
  dead_counts_before_ms?: number;
  /** What language models cost, by the beginning of the day. */
  spending_before_ms?: number;
  /** Answers that ended, what was said, and conversations, by when they were last spoken in. */
  chats_before_ms?: number;
  /** But for the newest of each user. */
  logins_before_ms?: number;
  /** Runs of pipelines that ended and of whose end everybody was told. */
  runs_before_ms?: number;
}

/** Rows that went. */
export interface Forgotten {
  detections: number;
  scene_changes: number;
  events: number;
  batches: number;
  requests: number;
  dead_counts: number;
  spending: number;
  /** Answers, messages or conversations, whichever went most. */
  chats: number;
  logins: number;
  runs: number;
}

/** Removes what is old, at most `most` detections, events, … in one call: call again while anything went. */
export async function forgetOld(db: Database, ages: Ages, most: number): Promise<Forgotten> {
  return {
    detections: await forget(db, "detections", "captured_at_ms", ages.detections_before_ms, most),
    scene_changes: await forgetScenes(db, ages.detections_before_ms, most),
    ...(await forgetEvents(db, ages.events_before_ms, most)),
    requests: await forget(db, "request_owners", "at_ms", ages.requests_before_ms, most),
    dead_counts: await forget(db, "dead_counts", "hour_ms", ages.dead_counts_before_ms, most),
    spending: await forget(db, "model_spending", "day_ms", ages.spending_before_ms, most),
    chats: await forgetChats(db, ages.chats_before_ms, most),
    logins: await forgetLogins(db, ages.logins_before_ms, most),
    runs: await forgetRuns(db, ages.runs_before_ms, most),
  };
}

async function forget(db: Queryable, table: string, time: string, before_ms: number | undefined, most: number) {
  if (before_ms === undefined) return 0;
  const gone = await db.query(
    `delete from ${table} where ctid = any(array(select ctid from ${table} where ${time} < $1 order by ${time} limit $2))
     returning 1`,
    [before_ms, most],
  );
  return gone.length;
}

/** An answer that nobody was told of stays; a conversation goes when nothing of it is kept. */
async function forgetChats(db: Queryable, before_ms: number | undefined, most: number): Promise<number> {
  if (before_ms === undefined) return 0;
  const answers = await db.query(
    `delete from answers where request_id = any(array(
       select request_id from answers where created_at_ms < $1 and told_at_ms is not null order by created_at_ms limit $2))
     returning 1`,
    [before_ms, most],
  );
  const messages = await forget(db, "chat_messages", "at_ms", before_ms, most);
  const sessions = await forget(db, "chat_sessions", "last_at_ms", before_ms, most);
  return Math.max(answers.length, messages, sessions);
}

/** Their statuses go with them, and so do cancels whose run never came. */
async function forgetRuns(db: Queryable, before_ms: number | undefined, most: number): Promise<number> {
  if (before_ms === undefined) return 0;
  const gone = await db.query(
    `delete from pipeline_runs where request_id = any(array(
       select request_id from pipeline_runs r where created_at_ms < $1 and state in ${ENDED} and not exists (
         select from pipeline_statuses s where s.request_id = r.request_id and published_seq is null)
       order by created_at_ms limit $2)) returning 1`,
    [before_ms, most],
  );
  return Math.max(gone.length, await forget(db, "pipeline_cancels", "at_ms", before_ms, most));
}

async function forgetLogins(db: Queryable, before_ms: number | undefined, most: number): Promise<number> {
  if (before_ms === undefined) return 0;
  const gone = await db.query(
    `delete from logins where ctid = any(array(
       select ctid from logins old where at_ms < $1 and published_seq is not null
         and exists (select 1 from logins n where n.user_id = old.user_id and (n.at_ms, n.seq) > (old.at_ms, old.seq))
       order by at_ms limit $2)) returning 1`,
    [before_ms, most],
  );
  return gone.length;
}

async function forgetScenes(db: Queryable, before_ms: number | undefined, most: number): Promise<number> {
  if (before_ms === undefined) return 0;
  const gone = await db.query(
    `delete from scene_changes where ctid = any(array(
       select ctid from scene_changes old where captured_at_ms < $1 and published_seq is not null
         and exists (select 1 from scene_changes n where n.camera_id = old.camera_id and n.change_id > old.change_id)
       order by captured_at_ms limit $2)) returning 1`,
    [before_ms, most],
  );
  return gone.length;
}

async function forgetEvents(db: Database, before_ms: number | undefined, most: number) {
  if (before_ms === undefined) return { events: 0, batches: 0 };
  return db.transaction(async (tx) => {
    const old = await tx.query<{ event_id: string }>(
      `select distinct event_id from (select event_id from events where started_at_ms < $1 order by started_at_ms limit $2) e
       where not exists (select 1 from batches b where b.event_id = e.event_id and (b.state = 'open' or b.closed_at_ms >= $1))
         and not exists (select 1 from events u where u.event_id = e.event_id and u.published_seq is null)`,
      [before_ms, most],
    );
    const ids = [old.map(({ event_id }) => event_id)];
    for (const table of ["feedback", "acknowledgements", "events"])
      await tx.query(`delete from ${table} where event_id = any($1)`, ids);
    const batches = await tx.query(
      `delete from batches where event_id = any($1) or batch_id = any(array(select batch_id from batches b
         where state = 'closed' and closed_at_ms < $2 and not exists (select 1 from events e where e.event_id = b.event_id)
         limit $3)) returning 1`,
      [...ids, before_ms, most],
    );
    return { events: old.length, batches: batches.length };
  });
}
