import type { Llm } from "@gatehouse/models";
import type { Deps } from "../deps.ts";
import { ModelNotFoundError } from "../errors.ts";

/** The id of the whole ranked list of language models: the best that can answer does. */
export const BEST_LLM = "gatehouse";
/** The id of the embedder, whatever it is called. */
export const EMBEDDER = "gatehouse-embedder";

/** Who is asked for an id. */
export interface AskedLlm {
  llm: Llm;
  /** Absent: any entry of the list. */
  model?: string;
}

/** Every id that can be asked for: those that stand for a list first, then the configured names. */
export function modelIds({ config: { models } }: Pick<Deps, "config">): string[] {
  const chat = [...models.llm, ...models.vision_llm].map(({ model }) => model);
  const lists = [chat.length > 0 ? BEST_LLM : [], models.embedder.length > 0 ? EMBEDDER : []].flat();
  return [...new Set([...lists, ...chat, ...embedderNames(models)])];
}

/**
 * The language model of an id. Where pictures come along, the list of models that see goes before the other, if there is one.
 * @throws {ModelNotFoundError}
 */
export function llmFor(
  id: string,
  { config: { models }, ai }: Pick<Deps, "config" | "ai">,
  has_pictures: boolean,
): AskedLlm {
  const lists = [
    { llm: ai.llm, names: models.llm.map(({ model }) => model) },
    { llm: ai.vision_llm, names: models.vision_llm.map(({ model }) => model) },
  ];
  if (has_pictures || !ai.llm) lists.reverse();
  for (const { llm, names } of lists) {
    if (llm && id === BEST_LLM) return { llm };
    if (llm && names.includes(id)) return { llm, model: id };
  }
  throw unknown(id);
}

/** The embedder of an id; all entries of its list are the same model. @throws {ModelNotFoundError} */
export function embedderFor(id: string, { config: { models }, ai }: Pick<Deps, "config" | "ai">) {
  if (ai.embedder && [EMBEDDER, ...embedderNames(models)].includes(id)) return ai.embedder;
  throw unknown(id);
}

export const unknown = (id: string): Error =>
  new ModelNotFoundError(
    `Cannot ask model ${JSON.stringify(id.slice(0, 120))} as it must be one that GET /v1/models lists`,
    { facts: { path: "model" } },
  );

const embedderNames = ({ embedder }: Deps["config"]["models"]): string[] =>
  embedder.flatMap((entry) => ("model" in entry ? [entry.model] : []));
