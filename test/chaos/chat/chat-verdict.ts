import type { AnswerPart } from "../../harness/chat-client.ts";
import { askFor, textOf, VOICES } from "../../harness/recital.ts";
import type { Asked } from "../../harness/reciting-llm.ts";
import type { AcceptedQuestion, ChatStory, HistoryRow } from "./chat-story.ts";

/** What is left of a story. An empty list of faults: the promise held. */
export interface ChatVerdict {
  answers: number;
  parts: number;
  /** Handovers that the bus has kept, by mode. */
  continued: number;
  restarted: number;
  /** Errors after which the question was asked for again. */
  errors: number;
  /** The longest time between two parts of one answer. */
  longest_silence_ms: number;
  faults: string[];
}

/** Compares what readers got with what the models say, and with what is kept. */
export function judgeChat(story: ChatStory): ChatVerdict {
  const all = [...story.bus.values()].flat();
  const count = (matches: (part: AnswerPart) => boolean): number => all.filter(matches).length;
  return {
    answers: story.questions.length,
    parts: all.length,
    continued: count(({ mode }) => mode === "continued"),
    restarted: count(({ mode }) => mode === "restarted"),
    errors: count(({ type }) => type === "error"),
    longest_silence_ms: Math.max(0, ...[...story.bus.values()].flatMap(silences)),
    faults: [
      ...story.noted,
      ...story.dead_letters.map((letter) => `dead letter on ${letter}`),
      ...story.questions.flatMap((question) => judgeAnswer(question, story)),
      ...judgeHistory(story),
      ...story.asked.flatMap((asked) => judgeAsked(asked, story)),
    ],
  };
}

/** The times between the parts of an answer. */
const silences = (parts: readonly AnswerPart[]): number[] =>
  parts.slice(1).map(({ timestamp_ms }, i) => timestamp_ms - parts[i]!.timestamp_ms);

/** One answer, wherever it was heard. */
function judgeAnswer(question: AcceptedQuestion, { readers, bus, whole }: ChatStory): string[] {
  const { request_id, recital } = question;
  const faults = readers.flatMap((reader, i) => {
    const parts = reader.get(request_id);
    return parts ? judgeParts(parts, recital).map((fault) => `reader ${i}, ${request_id}: ${fault}`) : [];
  });
  if (!readers.some((reader) => reader.has(request_id))) faults.push(`${request_id}: no reader`);
  faults.push(...judgeParts(bus.get(request_id) ?? [], recital).map((fault) => `bus, ${request_id}: ${fault}`));
  const text = textRead(bus.get(request_id) ?? []);
  if (whole.get(request_id) !== text)
    faults.push(`${request_id}: the whole answer is ${shown(whole.get(request_id))}, not ${shown(text)}`);
  return faults;
}

/** What is wrong with one answer as it was heard: order, holes, repeats, its end, its words. */
export function judgeParts(parts: readonly AnswerPart[], recital: AcceptedQuestion["recital"]): string[] {
  const faults: string[] = [];
  const wrong = parts.findIndex(({ seq }, i) => seq !== i);
  if (wrong >= 0) faults.push(`seq ${parts[wrong]!.seq} stands at place ${wrong}`);
  if (parts.some(({ stream_seq }, i) => i > 0 && stream_seq <= parts[i - 1]!.stream_seq))
    faults.push("the stream's own sequence goes back");
  const done = parts.filter(({ type }) => type === "done").length;
  if (done !== 1) faults.push(`${done} times done`);
  if (parts.at(-1)?.type !== "done") faults.push(`it ends with ${parts.at(-1)?.type ?? "nothing"}`);
  for (const { type, code, retryable } of parts)
    if (type === "error" && !retryable) faults.push(`error ${code}, for good`);
  const unmarked = parts.find((_, i) => parts[i - 1]?.type === "error" && parts[i]!.mode !== "restarted");
  if (unmarked) faults.push(`behind an error comes ${unmarked.type}, and not that it begins anew`);
  const text = textRead(parts);
  if (!VOICES.some((voice) => textOf(recital, voice) === text))
    faults.push(`no model says ${shown(text)} (${text.length} characters)`);
  return faults;
}

/** The text of an answer as a reader puts it together: `restarted` drops what was before. */
export function textRead(parts: readonly AnswerPart[]): string {
  return parts.reduce((text, { type, content, mode }) => {
    if (type === "handover" && mode === "restarted") return "";
    return type === "chunk" ? text + content : text;
  }, "");
}

/** Each question and its answer stand in the history once, with the text that readers got, in the order of their session. */
function judgeHistory(story: ChatStory): string[] {
  const { questions, history, bus } = story;
  const known = new Set(questions.map(({ request_id }) => request_id));
  const faults = history
    .filter(({ request_id }) => !known.has(request_id))
    .map(({ request_id, role }) => `history has a ${role}'s message of ${request_id}, which nobody sent`);
  for (const question of questions) {
    const rows = history.filter(({ request_id }) => request_id === question.request_id);
    faults.push(...judgeRows(question, rows, textRead(bus.get(question.request_id) ?? [])));
  }
  for (const [session, rows] of Map.groupBy(history, ({ user_id, session_id }) => `${user_id}.${session_id}`))
    faults.push(...judgeOrder(session, rows, story));
  return faults;
}

function judgeRows(question: AcceptedQuestion, rows: readonly HistoryRow[], text: string): string[] {
  const { request_id, session_id, recital } = question;
  const faults: string[] = [];
  for (const [role, content] of [
    ["user", askFor(recital)],
    ["assistant", text],
  ] as const) {
    const own = rows.filter((row) => row.role === role);
    if (own.length !== 1) faults.push(`history has ${own.length} ${role}'s messages of ${request_id}`);
    for (const row of own) {
      if (row.content !== content)
        faults.push(`history of ${request_id} has ${shown(row.content)} as the ${role}'s message`);
      if (row.session_id !== session_id) faults.push(`history has ${request_id} in session ${row.session_id}`);
    }
  }
  return faults;
}

/** Answers of a session were written in the order in which they were asked for, but for those that failed before. `rows` are in the order of their writing. */
function judgeOrder(session: string, rows: readonly HistoryRow[], { questions, bus }: ChatStory): string[] {
  const turns = new Map(questions.map(({ request_id, turn }) => [request_id, turn]));
  const steady = rows.filter(({ role, request_id }) => role === "assistant" && !hasFailed(request_id, bus));
  const order = steady.map(({ request_id }) => turns.get(request_id) ?? -1);
  return order.some((turn, i) => i > 0 && turn <= order[i - 1]!)
    ? [`session ${session} was answered in the order ${order.join(", ")}`]
    : [];
}

/** Whether an answer failed, and was asked for again. */
const hasFailed = (request_id: string, bus: ChatStory["bus"]): boolean =>
  (bus.get(request_id) ?? []).some(({ type }) => type === "error");

/**
 * A model saw nothing that was not said, and before a question the turns before it, whole and in order, up to the last. What had
 * failed may stand at any later place, once, and may be asked for behind later turns itself.
 */
function judgeAsked({ key, history, is_foreign }: Asked, { questions, bus }: ChatStory): string[] {
  if (key === null) return ["a model was asked for something else than a recital"];
  const faults = is_foreign ? [`a model was asked to go on with words of ${key} that no model said`] : [];
  const own = questions.filter(({ recital }) => sessionOf(recital.key) === sessionOf(key));
  const failed = own.filter(({ request_id }) => hasFailed(request_id, bus)).map(({ recital }) => recital.key);
  const steady = own.map(({ recital }) => recital.key).filter((one) => !failed.includes(one));
  const seen = history.filter((one) => one === null || !failed.includes(one));
  const before = steady.filter((one) => turnOf(one) < turnOf(key)).length;
  const told = failed.includes(key) ? Math.max(before, steady.indexOf(seen.at(-1) ?? "") + 1) : before;
  const wanted = steady.slice(0, told).slice(-Math.max(1, seen.length));
  if (wanted.join() !== seen.join() || new Set(history).size < history.length)
    faults.push(
      `a model was asked for ${key} after ${history.map((one) => one ?? "half a turn").join(", ") || "nothing"}`,
    );
  return faults;
}

const sessionOf = (key: string): string => key.slice(0, key.lastIndexOf("."));
const turnOf = (key: string): number => Number(key.split(".").at(-1));

const shown = (text: string | null | undefined): string =>
  text === null || text === undefined ? "missing" : JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
