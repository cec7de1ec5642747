import type { ChatSource } from "@gatehouse/events";
import { type FoundPassage, numberedContext } from "@gatehouse/retrieval";
import type { DueContext } from "@gatehouse/runtime";
import { eventIdOf } from "@gatehouse/store";
import type { Deps } from "../service.ts";
import type { OpenAnswer } from "./open-answer.ts";

/**
 * What an answer leans on, numbered for the model and told to readers before the first word; null where nothing was asked for.
 * Whoever goes on with an answer keeps what was told.
 */
export async function findSources(
  { answer, stream, limits }: OpenAnswer,
  { retriever, settings }: DueContext<Deps>,
): Promise<string | null> {
  const { message, enable_rag, enable_reranker: rerank, top_k, collection = null } = answer.request;
  if (!enable_rag) return null;
  const told = stream.told.sources;
  if (told) return numberedContext(told.map(passageOf), settings.sources_tokens).text;
  const query = { text: message, user_id: answer.user_id, collection, top_k, rerank };
  const found = await retriever.find(query, { signal: limits });
  const { text, used } = numberedContext(found, settings.sources_tokens);
  await stream.part({ type: "sources", sources: used.map(sourceOf) });
  return text;
}

const sourceOf = ({ id, kind, text, score, uri }: FoundPassage): ChatSource => ({
  id: kind === "event" ? eventIdOf(id) : id,
  text,
  score,
  ...(uri === null ? {} : { uri }),
});

/** A source that was told, as a passage again: its kind and time are not known any more. */
const passageOf = ({ id, text, score, uri }: ChatSource): FoundPassage => ({
  id,
  text,
  score,
  uri: uri ?? null,
  kind: "document",
  collection: "",
  at_ms: null,
});
