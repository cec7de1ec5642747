import type { Embedder } from "@gatehouse/models";
import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import { type Database, findTurn, type NewPassage, putPassages } from "@gatehouse/store";
import type { HouseTime } from "../house-time.ts";
import { dueEmbedding } from "./due-embedding.ts";
import { turnTexts } from "./turn-text.ts";

/** What indexing turns leans on. */
export interface IndexTurnDeps {
  readonly db: Database;
  /** Null: nothing is embedded until a start with one. */
  readonly embedder: Embedder | null;
  readonly time: HouseTime;
}

/** One sentence, which asks. */
const MERE_QUESTION = /^[^.!?…。！？؟]*[?？؟]+\s*$/u;

/**
 * A turn has ended: it becomes passages that its own user's questions find. A question to which nothing was found tells
 * nothing, and asked again it would find itself first. Key: request_id.
 */
export async function indexTurn(
  _payload: unknown,
  { db, embedder, time, due, stage }: DueContext<IndexTurnDeps>,
): Promise<Verdict> {
  const turn = await stage("lookup", () => findTurn(db, due.key));
  if (!turn || (turn.found_nothing && MERE_QUESTION.test(turn.asked))) return ack;
  const { user_id, asked: question, answered: answer, at_ms } = turn;
  const passages = turnTexts({ question, answer, at_ms }, time).map(
    (text, position): NewPassage => ({
      passage_id: position === 0 ? `turn.${due.key}` : `turn.${due.key}.${position}`,
      collection: "events",
      kind: "turn",
      document_id: null,
      position,
      text,
      uri: `/api/chat/answers/${due.key}`,
      user_id,
      camera_id: null,
      at_ms,
    }),
  );
  await stage("persist", () => putPassages(db, passages));
  if (embedder) await stage("due", () => dueEmbedding(db));
  return ack;
}
