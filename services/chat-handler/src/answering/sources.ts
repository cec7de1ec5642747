import type { ChatSource } from "@gatehouse/events";
import type { DueContext } from "@gatehouse/runtime";
import type { Deps } from "../service.ts";
import type { OpenAnswer } from "./open-answer.ts";
import { withinBudget } from "./prompt.ts";
import type { FoundPassage } from "./retriever.ts";

/** What an answer leans on, told to its readers before the first word; null when nothing was asked for. Whoever goes on keeps what was told. */
export async function findPassages(
  { answer, stream, limits }: OpenAnswer,
  { retriever, settings }: DueContext<Deps>,
): Promise<FoundPassage[] | null> {
  const { message, enable_rag, enable_reranker: rerank, top_k, collection = null } = answer.request;
  if (!enable_rag) return null;
  const told = stream.told.sources;
  if (told) return told.map(passageOf);
  const { user_id } = answer;
  const query = { text: message, user_id, collection, top_k, rerank };
  const found = (await retriever?.find(query, { signal: limits })) ?? [];
  const passages = withinBudget(found, settings.sources_tokens);
  await stream.part({ type: "sources", sources: passages.map(sourceOf) });
  return passages;
}

const sourceOf = ({ id, text, score, uri }: FoundPassage): ChatSource => ({
  id,
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
