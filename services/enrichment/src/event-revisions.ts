import { isDeepStrictEqual } from "node:util";
import type { CameraEvent, Risk } from "@gatehouse/events";
import {
  type Database,
  type EventRow,
  findRevisionByCause,
  insertRevision,
  latestRevision,
  lockCamera,
  putDue,
} from "@gatehouse/store";
import { eventOf, factsOf } from "./event-of.ts";
import type { JudgedBy, Judgement } from "./judge.ts";
import { JUDGE_TIMES } from "./judge-times.ts";
import { SERVICE } from "./service-name.ts";

/** Why a revision is written: at most one of an event for each cause, so that a repeat changes nothing. */
type Cause = `early.${string}` | `tell.${string}` | `score.${number}`;

export interface KeepOptions {
  cause: Cause;
  judgement: Judgement;
  /** Headers of the active trace: scoring later goes on in it. */
  trace: Readonly<Record<string, string>>;
}

/**
 * Writes the next revision of an event, and that it is to be scored later where it is not.
 * Does nothing when the cause already wrote one, when it would be early and there is one, or when nothing is new.
 */
export async function keepRevision(
  db: Database,
  event_id: string,
  { cause, judgement, trace }: KeepOptions,
): Promise<void> {
  const early = cause.startsWith("early.");
  await db.transaction(async (tx) => {
    const known = await factsOf(tx, event_id);
    if (!known) return;
    await lockCamera(tx, known.camera_id);
    const latest = await latestRevision(tx, event_id);
    if ((latest && early) || (await findRevisionByCause(tx, event_id, cause))) return;
    const { risk, by } = bestRisk(judgement, latest);
    const event = eventOf(event_id, (await factsOf(tx, event_id))!, { risk, before: latest?.event ?? null, early });
    if (latest && isDeepStrictEqual({ ...event, revision: latest.revision }, latest.event)) return;
    const error = by.error ?? (isOutdated(event, by) ? "OUTDATED" : null);
    await insertRevision(tx, event, { ...by, error, cause });
    const due_at_ms = Date.now() + JUDGE_TIMES.score_soon_ms;
    if (error !== null) await putDue(tx, { service: SERVICE, kind: "score", key: event_id, due_at_ms, trace });
  });
}

/** By what a revision was judged. */
export const judgedBy = ({ facts }: EventRow): JudgedBy => facts as unknown as JudgedBy;

/** The model's latest word: a score stays until there is one for as much or more, and is asked for again where that failed. */
function bestRisk({ risk, by }: Judgement, latest: EventRow | null): { risk: Risk; by: JudgedBy } {
  if (latest?.event.risk.status !== "scored") return { risk, by };
  const former = judgedBy(latest);
  if (by.error !== null) return { risk: latest.event.risk, by: { ...former, error: by.error } };
  const knewMore = former.error === null && former.boxes > by.boxes;
  return knewMore ? { risk: latest.event.risk, by: former } : { risk, by };
}

/** Whether an event ended with more in it than was judged. */
const isOutdated = ({ ended_at_ms, detection_count }: CameraEvent, { boxes }: JudgedBy): boolean =>
  ended_at_ms !== null && boxes < detection_count;
