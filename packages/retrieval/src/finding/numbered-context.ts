import { tokensOf } from "@gatehouse/store";
import type { FoundPassage } from "./retriever.ts";

/** What a model is given of what was found. */
export interface NumberedContext {
  /** `[1] notes/boiler.md` and its text, then `[2]` …; empty when nothing fits. */
  text: string;
  /** Those that are in the text: the first is `[1]`. */
  used: FoundPassage[];
}

/** A passage of which less than this would fit is left out. */
const LEAST_TOKENS = 40;
const MOST_NAME = 200;

/**
 * Numbers passages for a prompt, the first as `[1]`, in at most `budget` tokens (of about 4 characters): the last one that
 * fits may be cut, those behind it are left out. Lines of a passage that begin like a number of ours are written `(1)`.
 */
export function numberedContext(passages: readonly FoundPassage[], budget: number): NumberedContext {
  const parts: string[] = [];
  const used: FoundPassage[] = [];
  let left = budget;
  for (const passage of passages) {
    const head = `[${used.length + 1}] ${nameOf(passage)}\n`;
    const room = left - tokensOf(head) - 1;
    const text = passage.text.replace(/^(\s*)\[(\d+)\]/gm, "$1($2)");
    if (room < Math.min(LEAST_TOKENS, tokensOf(text))) break;
    const part = head + (tokensOf(text) > room ? text.slice(0, room * 4).toWellFormed() : text);
    parts.push(part);
    used.push(passage);
    left -= tokensOf(part) + 1;
  }
  return { text: parts.join("\n\n"), used };
}

/** Where it is, in one line. When it was is in its text, by the clock of the house. */
const nameOf = ({ uri, id }: FoundPassage): string => (uri ?? id).replace(/\s+/g, " ").slice(0, MOST_NAME);
