import { readFileSync } from "node:fs";
import type { NewPassage, PassageKind } from "@gatehouse/store";

/** Who asks, and whose past conversations are among the passages. */
export const ASKER = "ada";

export interface Question {
  text: string;
  /** Ids of the passages that answer it. */
  wanted: readonly string[];
  /** Not looked at while anything was tuned. */
  held_out: boolean;
}

export interface LabelledSet {
  passages: NewPassage[];
  questions: Question[];
  /** Questions to which nothing in the set is an answer. */
  unanswerable: string[];
}

const FILES: [name: string, kind: PassageKind][] = [
  ["manuals", "document"],
  ["handbook", "document"],
  ["notes", "document"],
  ["notizen", "document"],
  ["events", "event"],
  ["turns", "turn"],
];

/** Passages about one made-up house (`id: text`), and questions as people ask them (`question | id, id`); every second one is held out. */
export function readLabelledSet(): LabelledSet {
  const passages = FILES.flatMap(([name, kind]) =>
    linesOf(name).map((line, at) => passageOf(line, { kind, name, at })),
  );
  const ids = new Set(passages.map(({ passage_id }) => passage_id));
  const questions = linesOf("questions").map((line, at) => questionOf(line, at, ids));
  return { passages, questions, unanswerable: linesOf("unanswerable") };
}

function passageOf(line: string, { kind, name, at }: { kind: PassageKind; name: string; at: number }): NewPassage {
  const [passage_id, text] = parted(line, ": ");
  const place =
    kind === "document"
      ? { collection: "documents", uri: `${name}/${passage_id}` }
      : { collection: "events", uri: null };
  const user_id = kind === "turn" ? ASKER : null;
  return { passage_id, text, kind, ...place, user_id, document_id: null, position: at, camera_id: null, at_ms: null };
}

function questionOf(line: string, at: number, ids: ReadonlySet<string>): Question {
  const [text, answers] = parted(line, " | ");
  const wanted = answers.split(", ");
  const unknown = wanted.find((id) => !ids.has(id));
  if (unknown) throw new Error(`Cannot read question ${at + 1} as its answers must be passages: "${unknown}" is none`);
  return { text, wanted, held_out: at % 2 === 1 };
}

function linesOf(name: string): string[] {
  const text = readFileSync(new URL(`./labelled/${name}.txt`, import.meta.url), "utf8");
  return text.split("\n").filter((line) => line !== "");
}

function parted(line: string, joint: string): [string, string] {
  const at = line.indexOf(joint);
  return [line.slice(0, at), line.slice(at + joint.length)];
}
