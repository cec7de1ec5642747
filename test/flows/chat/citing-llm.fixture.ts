import { type RecitingLlm, startRecitingLlm, type WireMessage } from "../../harness/reciting-llm.ts";

/** A model that answers with the sentence of a source that shares most words with the question, and cites it. It keeps what it was asked. */
export interface CitingLlm extends RecitingLlm {
  /** The messages of each request. */
  readonly requests: (readonly WireMessage[])[];
}

/** What stands between the fences, if anything does. */
export const fencedIn = (system: string): string =>
  /<<<SOURCES>>>\n([\s\S]*)\n<<<END OF SOURCES>>>/.exec(system)?.[1] ?? "";
/** Each with its number. */
const SOURCE = /^\[(\d+)\] .*\n([\s\S]*?)(?=\n\n\[\d+\] |$(?![\s\S]))/gm;

export async function startCitingLlm(): Promise<CitingLlm> {
  const requests: (readonly WireMessage[])[] = [];
  const llm = await startRecitingLlm({
    voice: "a",
    tokens_per_s: 10_000,
    onAsked: (_, messages) => requests.push(messages),
    otherwise: cite,
  });
  return { ...llm, requests };
}

function cite(messages: readonly WireMessage[]): string {
  const question = wordsIn(messages.findLast(({ role }) => role === "user")!.content);
  const sentences = [...fencedIn(messages[0]!.content).matchAll(SOURCE)].flatMap(([, n, text]) =>
    text!.split(/(?<=[.!?])\s+/).map((sentence) => ({ n, sentence, shared: sharedBy(wordsIn(sentence), question) })),
  );
  const [best] = sentences.toSorted((a, b) => b.shared - a.shared);
  return best && best.shared > 0 ? `${best.sentence} [${best.n}]` : "I do not know.";
}

const wordsIn = (text: string): Set<string> => new Set(text.toLowerCase().match(/\p{L}{3,}/gu) ?? []);
const sharedBy = (one: Set<string>, other: Set<string>): number => [...one].filter((word) => other.has(word)).length;
