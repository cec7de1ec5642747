import { type Filler, fillSchema } from "./by-schema.ts";
import { extractAnswer, sentences, type Turn, terms } from "./extract.ts";
import type { OfferedTools, Tool } from "./offered-tools.ts";

/** One call of a tool; `arguments` is JSON. */
export interface ToolCall {
  name: string;
  arguments: string;
}

/** Words of a tool's name that say nothing of what it is about. */
const plainWords = new Set(["get", "set", "list", "find", "search", "fetch", "call", "run", "tool", "function"]);

/**
 * What is called, after a user's words only: the tool that must be, else those whose name the words hold, whole or by the
 * words that say what it is about; the first of all where some tool must be called.
 */
export function callTools(turns: Turn[], { tools, choice }: OfferedTools): ToolCall[] {
  const last = turns.at(-1);
  if (choice === "none" || last?.role !== "user") return [];
  const wanted =
    typeof choice === "object" ? tools.filter(({ name }) => name === choice.named) : named(last.text, tools);
  const called = wanted.length === 0 && choice === "required" ? tools.slice(0, 1) : wanted;
  return called.map(({ name, parameters }) => ({
    name,
    arguments: JSON.stringify(fillSchema({ type: "object", ...parameters }, fillFrom(last.text), name)),
  }));
}

function named(text: string, tools: Tool[]): Tool[] {
  const spoken = new Set(terms(text));
  return tools.filter(({ name }) => {
    const about = terms(name.replace(/([a-z])([A-Z])|[_-]+/g, "$1 $2")).filter((word) => !plainWords.has(word));
    return text.includes(name) || (about.length > 0 && about.every((word) => spoken.has(word)));
  });
}

/** Arguments are what stands in quotes, else the names that the words hold, else the words; numbers are theirs. */
function fillFrom(text: string): Filler {
  const quoted = /["“]([^"”]+)["”]/.exec(text)?.[1];
  const names = text.match(/(?<=[\p{Ll},] )\p{Lu}[\p{L}\p{N}-]*(?: \p{Lu}[\p{L}\p{N}-]*)*/gu)?.[0];
  const spoken = new Set(terms(text));
  return {
    text: () => quoted ?? names ?? text,
    number: () => Number(/-?\d+(?:\.\d+)?/.exec(text)?.[0] ?? 0),
    truth: () => true,
    choose: (_name, values) =>
      values.find((value) => terms(String(value)).some((word) => spoken.has(word))) ?? values[0],
  };
}

/** What tools gave, as far as it answers the last question; all of it where nothing fits. */
export function answerFromTools(turns: Turn[]): string {
  const asked = turns.findLastIndex(({ role }) => role === "user");
  const given = turns.slice(asked + 1).filter(({ role }) => role === "tool");
  const all = given.flatMap(({ text }) => sentences(text));
  const fitting = extractAnswer([...given, ...turns.slice(Math.max(0, asked), asked + 1)]);
  return fitting.every((sentence) => all.includes(sentence)) ? fitting.join(" ") : all.join(" ");
}
