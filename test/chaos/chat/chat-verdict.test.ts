import { expect, test } from "vitest";
import type { AnswerPart } from "../../harness/chat-client.ts";
import { askFor, textOf, wordsOf } from "../../harness/recital.ts";
import type { ChatStory, HistoryRow } from "./chat-story.ts";
import { judgeChat } from "./chat-verdict.ts";

const SESSION = { user_id: "u", session_id: "s" };
const questions = [0, 1].map((turn) => ({
  ...SESSION,
  request_id: `r-${turn}`,
  turn,
  recital: { key: `s.${turn}`, tokens: 3 },
}));
const [first, second] = questions as [(typeof questions)[0], (typeof questions)[0]];
const text = textOf(first.recital, "a");

function partsOf({ recital }: typeof first): AnswerPart[] {
  const chunks = wordsOf(recital, "a").map((content) => ({ type: "chunk" as const, content }));
  return numbered([...chunks, { type: "done", content: "" }]);
}

const numbered = (parts: Omit<AnswerPart, "seq" | "stream_seq" | "timestamp_ms">[]): AnswerPart[] =>
  parts.map((part, seq) => ({ ...part, seq, stream_seq: 10 + seq, timestamp_ms: 1_000 * seq }));

function rowsOf({ request_id, recital }: typeof first): HistoryRow[] {
  const contents = { user: askFor(recital), assistant: textOf(recital, "a") };
  return (["user", "assistant"] as const).map((role) => ({
    ...SESSION,
    message_id: "1",
    request_id,
    role,
    content: contents[role],
  }));
}

/** A story in which all is well, but for what is given. */
function story(other: Partial<ChatStory> = {}): ChatStory {
  const heard = new Map(questions.map((question) => [question.request_id, partsOf(question)]));
  return {
    questions,
    readers: [heard],
    bus: heard,
    noted: [],
    asked: [
      { key: "s.0", said: 0, history: [], is_foreign: false },
      { key: "s.1", said: 4, history: ["s.0"], is_foreign: false },
    ],
    history: questions.flatMap(rowsOf),
    whole: new Map(questions.map(({ request_id, recital }) => [request_id, textOf(recital, "a")])),
    dead_letters: [],
    ...other,
  };
}

/** The faults of a story whose reader heard something else of the first answer. */
function faultsOfReader(parts: AnswerPart[]): string[] {
  const heard = new Map([
    [first.request_id, parts],
    [second.request_id, partsOf(second)],
  ]);
  return judgeChat(story({ readers: [heard] })).faults;
}

test("judgeChat() finds nothing where all is well", () => {
  const counts = { answers: 2, parts: 8, continued: 0, restarted: 0, errors: 0, longest_silence_ms: 1_000 };
  expect(judgeChat(story())).toEqual({ ...counts, faults: [] });
});

test("judgeChat() takes an answer that another model began anew for that model's", () => {
  const [begun] = wordsOf(first.recital, "a");
  const parts = numbered([
    { type: "chunk", content: begun! },
    { type: "error", content: "", code: "LLM_DOWN", retryable: true },
    { type: "handover", content: "", mode: "restarted" },
    { type: "chunk", content: textOf(first.recital, "b") },
    { type: "done", content: "" },
  ]);
  expect(faultsOfReader(parts)).toEqual([]);
});

const whole = partsOf(first);
test.each<[string, AnswerPart[], string]>([
  ["is missing a part", whole.filter((_, i) => i !== 1), "seq 2 stands at place 1"],
  ["has a part twice", [...whole.slice(0, 2), ...whole.slice(1)], "seq 1 stands at place 2"],
  ["goes back", whole.map((part) => ({ ...part, stream_seq: 20 - part.seq })), "goes back"],
  ["is done twice", numbered([...whole, whole.at(-1)!]), "2 times done"],
  ["never ends", whole.slice(0, -1), "it ends with chunk"],
  ["never begins", [], "it ends with nothing"],
  ["is given up", numbered([{ type: "error", content: "", code: "X", retryable: false }]), "error X, for good"],
  ["has a word changed", whole.map((part, i) => (i === 1 ? { ...part, content: " uh" } : part)), "no model says"],
  [
    "has a hole in its text alone",
    whole.map((part, i) => (i === 1 ? { ...part, content: "" } : part)),
    "no model says",
  ],
  [
    "goes on with another model's words",
    numbered([
      whole[0]!,
      { type: "handover", content: "", mode: "continued" },
      { type: "chunk", content: textOf(first.recital, "b") },
      whole.at(-1)!,
    ]),
    "no model says",
  ],
])("judgeChat() finds an answer that %s", (_, parts, fault) => {
  expect(faultsOfReader(parts)).toContainEqual(expect.stringContaining(fault));
});

const rows = questions.flatMap(rowsOf);
const [asked, answered, askedNext, answeredNext] = rows as [HistoryRow, HistoryRow, HistoryRow, HistoryRow];
test.each<[string, Partial<ChatStory>, string]>([
  ["an answer that nobody read", { readers: [new Map()] }, "r-0: no reader"],
  ["an answer that the bus did not keep", { bus: new Map() }, "bus, r-0: 0 times done"],
  [
    "an answer missing in the history",
    { history: rows.filter((row) => row !== answered) },
    "0 assistant's messages of r-0",
  ],
  ["a question twice in the history", { history: [...rows, asked] }, "2 user's messages of r-0"],
  [
    "another text in the history",
    { history: [asked, { ...answered, content: "x" }, askedNext, answeredNext] },
    'has "x"',
  ],
  ["a turn before its turn", { history: [asked, askedNext, answeredNext, answered] }, "in the order 1, 0"],
  ["a message of nobody", { history: [...rows, { ...asked, request_id: "r-9" }] }, "which nobody sent"],
  ["a message of another session", { history: rows.map((row) => ({ ...row, session_id: "t" })) }, "in session t"],
  ["no whole answer", { whole: new Map([["r-1", textOf(second.recital, "a")]]) }, "the whole answer is missing"],
  ["another whole answer", { whole: new Map([["r-0", `${text}!`]]) }, "the whole answer is"],
  ["a dead letter", { dead_letters: ["dead.chat-handler: X"] }, "dead letter on dead.chat-handler: X"],
  ["what a reader noted", { noted: ["f.r-0: gap"] }, "f.r-0: gap"],
  ["foreign words", { asked: [{ key: "s.0", said: 3, history: [], is_foreign: true }] }, "that no model said"],
  [
    "a turn that was forgotten",
    { asked: [{ key: "s.2", said: 0, history: ["s.0"], is_foreign: false }] },
    "s.2 after s.0",
  ],
  ["half a turn", { asked: [{ key: "s.1", said: 0, history: [null], is_foreign: false }] }, "after half a turn"],
  ["no turn before", { asked: [{ key: "s.1", said: 0, history: [], is_foreign: false }] }, "without the turns before"],
])("judgeChat() finds %s", (_, other, fault) => {
  expect(judgeChat(story(other)).faults).toContainEqual(expect.stringContaining(fault));
});
