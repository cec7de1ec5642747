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

/** A story of three turns, the first of which failed, and was answered behind the others. */
function retried(asked: ChatStory["asked"], order = [1, 2, 0]): string[] {
  const turns = [0, 1, 2].map((turn) => ({
    ...first,
    request_id: `r-${turn}`,
    turn,
    recital: { key: `s.${turn}`, tokens: 3 },
  }));
  const again = [
    { type: "error", content: "", code: "MODEL_SAID_NOTHING", retryable: true },
    { type: "handover", content: "", mode: "restarted" },
  ] as const;
  const heard = new Map(
    turns.map((one) => [one.request_id, numbered([...(one.turn === 0 ? again : []), ...partsOf(one)])]),
  );
  const history = order.flatMap((turn) => rowsOf(turns[turn]!));
  const whole = new Map(turns.map(({ request_id, recital }) => [request_id, textOf(recital, "a")]));
  return judgeChat(story({ questions: turns, readers: [heard], bus: heard, asked, history, whole })).faults;
}
const ask = (key: string, ...history: (string | null)[]) => ({ key, said: 0, history, is_foreign: false });

test("judgeChat() takes an answer that had failed behind the turns that came after it", () => {
  const asked = [ask("s.0"), ask("s.1"), ask("s.2", "s.1"), ask("s.0", "s.1"), ask("s.0", "s.1", "s.2")];
  expect(retried(asked)).toEqual([]);
  expect(retried([ask("s.2", "s.0", "s.1"), ask("s.2", "s.1", "s.0")])).toEqual([]);
});

test.each<[string, string[], string]>([
  ["a turn that did not fail, and is missing", retried([ask("s.2", "s.0")]), "s.2 after s.0"],
  ["a later turn before one that did not fail", retried([ask("s.1", "s.2")]), "s.1 after s.2"],
  ["turns out of order before one that failed", retried([ask("s.0", "s.2", "s.1")]), "s.0 after s.2, s.1"],
  ["a turn twice", retried([ask("s.2", "s.0", "s.1", "s.0")]), "s.2 after s.0, s.1, s.0"],
  ["turns that did not fail out of order", retried([], [2, 1, 0]), "in the order 2, 1"],
])("judgeChat() finds %s beside one that failed", (_, faults, fault) => {
  expect(faults).toEqual([expect.stringContaining(fault)]);
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
  [
    "goes on behind an error as if nothing were",
    numbered([{ type: "error", content: "", code: "X", retryable: true }, ...whole]),
    "not that it begins anew",
  ],
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
  ["no turn before", { asked: [{ key: "s.1", said: 0, history: [], is_foreign: false }] }, "s.1 after nothing"],
])("judgeChat() finds %s", (_, other, fault) => {
  expect(judgeChat(story(other)).faults).toContainEqual(expect.stringContaining(fault));
});
