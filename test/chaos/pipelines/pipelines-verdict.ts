import { createHash } from "node:crypto";
import { judgeCancel } from "./cancel-verdict.ts";
import type { AcceptedTrigger, LoggedRun, PipelinesStory, RunRow, StatusRow, ToldStatus } from "./pipelines-story.ts";

/** What is left of a story. An empty list of faults: the promise held. */
export interface PipelinesVerdict {
  triggers: number;
  /** Runs that engines have created, extras too. */
  runs: number;
  /** Runs of equal names beyond the one that is kept. */
  extras: number;
  /** Runs that failed, and were told to go on. */
  retried: number;
  /** Runs that their engine had, and ended for a cancel. */
  cancelled: number;
  /** Runs that were cleared away after their end. */
  vanished: number;
  /** What was done to the engines, by name. */
  trouble: Record<string, number>;
  statuses: number;
  /** From the row of a trigger to its run, milliseconds. */
  longest_wait_ms: number;
  faults: string[];
}

const FINAL = ["succeeded", "failed", "error", "cancelled"];
/** How a run may end: a cancel may come late. */
const ENDS = { run: ["succeeded"], cancel: ["cancelled", "succeeded", "failed"], bad: ["error"] };

export const runNameOf = (request_id: string): string =>
  `gh-${createHash("sha256").update(request_id).digest("hex").slice(0, 40)}`;

/** Nobody is waited for any more; whether all is well is another matter. */
export function isOver({ triggers, rows, logged, status_rows, told, due }: PipelinesStory): boolean {
  const is_final = (state: string | undefined): boolean => FINAL.includes(state!);
  return (
    rows.length === triggers.length &&
    rows.every(({ state }) => is_final(state)) &&
    logged.every(({ states }) => is_final(states.at(-1))) &&
    status_rows.length === told.length &&
    due.length === 0
  );
}

/** Holds what was told of each trigger against what the engines did, and both against what is kept. */
export function judgePipelines(story: PipelinesStory): PipelinesVerdict {
  const waits = story.rows.flatMap(({ submitted_at_ms, created_at_ms }) =>
    submitted_at_ms === null ? [] : [submitted_at_ms - created_at_ms],
  );
  return {
    triggers: story.triggers.length,
    runs: story.logged.length,
    extras: story.logged.length - new Set(story.logged.map(({ run_name }) => run_name)).size,
    retried: story.logged.filter(({ states }) => states.slice(0, -1).includes("failed")).length,
    cancelled: story.rows.filter(({ state, run_id }) => state === "cancelled" && run_id !== null).length,
    vanished: story.logged.filter(({ has_vanished }) => has_vanished).length,
    trouble: { ...story.trouble.met, ...story.trouble.happened },
    statuses: story.told.length,
    longest_wait_ms: Math.max(0, ...waits),
    faults: [
      ...story.contract_faults.map((fault) => `an engine was asked wrongly: ${fault}`),
      ...story.dead_letters.map((letter) => `dead letter on ${letter}`),
      ...story.due.map((work) => `${work} is still due`),
      ...story.trouble.unexplained.map((why) => `an engine could not be given trouble: ${why}`),
      ...judgeStrangers(story),
      ...judgeEach(story),
    ],
  };
}

/** Nothing exists that nobody asked for. */
function judgeStrangers({ triggers, logged, rows, told }: PipelinesStory): string[] {
  const known = new Set(triggers.map(({ request_id }) => request_id));
  const names = new Set([...known].map(runNameOf));
  return [
    ...logged.filter(({ run_name }) => !names.has(run_name)).map(({ run_name }) => `run ${run_name} is nobody's`),
    ...rows.filter(({ request_id }) => !known.has(request_id)).map(({ request_id }) => `row ${request_id} is nobody's`),
    ...told.filter(({ request_id }) => !known.has(request_id)).map(({ request_id }) => `${request_id} is nobody's`),
  ];
}

function judgeEach(story: PipelinesStory): string[] {
  const logged = Map.groupBy(story.logged, ({ run_name }) => run_name);
  const told = Map.groupBy(story.told, ({ request_id }) => request_id);
  const status_rows = Map.groupBy(story.status_rows, ({ request_id }) => request_id);
  const rows = new Map(story.rows.map((row) => [row.request_id, row]));
  return story.triggers.flatMap((trigger) => {
    const { request_id, engine, fate } = trigger;
    const row = rows.get(request_id);
    if (!row) return [`${request_id} (${engine}, ${fate}): no row`];
    const runs = logged.get(runNameOf(request_id)) ?? [];
    const heard = told.get(request_id) ?? [];
    return [
      ...judgeRuns(trigger, row, runs, heard),
      ...judgeCancel(trigger, row, runs, story.reach),
      ...judgeTold(trigger, heard, row, runs),
      ...judgeFollowed(row, heard, runs),
      ...judgeKept(heard, status_rows.get(request_id) ?? []),
    ].map((fault) => `${request_id} (${engine}, ${fate}): ${fault}`);
  });
}

/** One run on Argo, one that is kept on Kubeflow, and the row names it. */
function judgeRuns(
  { engine, fate }: AcceptedTrigger,
  row: RunRow,
  runs: readonly LoggedRun[],
  told: readonly ToldStatus[],
): string[] {
  const faults = runs
    .filter(({ states }) => !FINAL.includes(states.at(-1)!))
    .map(({ run_id, states }) => `run ${run_id} is ${states.at(-1)} for ever`);
  if (runs.some((run) => run.engine !== engine)) faults.push(`a run on another engine than ${engine}`);
  if (row.run_id === null) {
    const last = told.at(-1);
    const was_refused = last !== undefined && fate === "cancel" && isRefusal(last);
    const may_have_none = fate === "bad" || row.state === "cancelled" || was_refused || wasCleared(runs, last);
    if (!may_have_none) faults.push("it never got to its engine");
    for (const { run_id, states, has_vanished } of runs)
      if (!has_vanished && !isEnded(engine, states))
        faults.push(`run ${run_id}, which its row does not name, is ${states.at(-1)}`);
    return faults;
  }
  if (fate === "bad") faults.push("it was sent to its engine");
  if (engine === "argo" && runs.length !== 1) faults.push(`${runs.length} runs`);
  if (!runs.some(({ run_id }) => run_id === row.run_id)) faults.push(`its row names ${row.run_id}, which is no run`);
  for (const { run_id, states } of runs)
    if (run_id !== row.run_id && states.at(-1) !== "cancelled")
      faults.push(`run ${run_id} beside ${row.run_id} was not terminated: it is ${states.at(-1)}`);
  return faults;
}

/** Everything told once, in order, from the submission to an end that fits. */
function judgeTold(
  { fate }: AcceptedTrigger,
  told: readonly ToldStatus[],
  row: RunRow,
  runs: readonly LoggedRun[],
): string[] {
  const faults: string[] = [];
  const [first] = told;
  const last = told.at(-1);
  if (!first || !last) return ["nothing was told"];
  const wrong = told.findIndex(({ seq }, i) => seq !== first.seq + i);
  if (first.seq > 1 || wrong >= 0) faults.push(`it was told in the order ${told.map(({ seq }) => seq).join(", ")}`);
  if (told.some(({ status }, i) => i > 0 && status === told[i - 1]!.status && !isRefusal(told[i - 1]!)))
    faults.push(`the same was told twice: ${statusesOf(told)}`);
  if (told.some(({ status }, i) => status === "submitted" && i > 0 && !FINAL.includes(told[i - 1]!.status)))
    faults.push(`it was submitted while it ran: ${statusesOf(told)}`);
  if (row.run_id !== null && first.status !== "submitted" && !isRefusal(first))
    faults.push(`its story begins with ${first.status}`);
  const is_refused = fate === "cancel" && isRefusal(last);
  if (!ENDS[fate].includes(last.status) && !is_refused && !wasCleared(runs, last))
    faults.push(`its story ends with ${last.status}: ${statusesOf(told)}`);
  if (last.status !== row.state) faults.push(`it was told to be ${last.status}, and is ${row.state}`);
  if (fate === "bad" && (last.code !== "BAD_PARAMETERS" || last.retryable !== false))
    faults.push(`it was refused with ${last.code}, retryable ${last.retryable}`);
  return faults;
}

/** What was told is what the engine did, in its order; things that passed between two looks may be missing, the end never. */
function judgeFollowed(row: RunRow, heard: readonly ToldStatus[], runs: readonly LoggedRun[]): string[] {
  const run = runs.find(({ run_id }) => run_id === row.run_id);
  if (!run) return [];
  // No engine had it: it was tried again.
  const told = heard.filter((one) => !isRefusal(one));
  // A run that was to be cancelled ends with a failure on engines that know no other end.
  const states = run.states.map((state) => (row.state === "cancelled" && state === "failed" ? "cancelled" : state));
  const said = told.map(({ status }) => status).filter((status) => status !== "submitted");
  let at = 0;
  for (const state of states) if (state === said[at]) at++;
  const faults: string[] = [];
  // Of two runs of one name the older is kept: what was told before that was known may be of the other.
  const strange = told.filter(({ run_id }) => !runs.some((known) => known.run_id === run_id));
  if (strange.length > 0 || told.at(-1)?.run_id !== run.run_id)
    faults.push(`it was told of ${told.map(({ run_id }) => run_id).join(", ")}, and is ${run.run_id}`);
  if (at < said.length) faults.push(`it was told to be ${statusesOf(told)}, and was ${run.states.join(", ")}`);
  if (said.at(-1) !== states.at(-1)) faults.push(`its end was not told: ${run.states.join(", ")}`);
  return faults;
}

/** The database has what was told, all of it published. */
function judgeKept(told: readonly ToldStatus[], rows: readonly StatusRow[]): string[] {
  const kept = rows.toSorted((a, b) => a.seq - b.seq);
  const faults = kept
    .filter(({ published_seq }) => published_seq === null)
    .map(({ seq, status }) => `status ${seq}, ${status}, was never published`);
  const [said, written] = [told, kept].map((all) => all.map(({ seq, status }) => `${seq} ${status}`).join(", "));
  if (said !== written) faults.push(`${said} was told, ${written} is kept`);
  return faults;
}

/** An engine that does not know our token for a moment has a run refused; whoever asked for it tries again. */
export const isRefusal = ({ status, code }: ToldStatus): boolean =>
  status === "error" && code === "ENGINE_UNAUTHORIZED";

/** An engine that clears a run away before its end was heard leaves nothing to tell but that. */
const wasCleared = (runs: readonly LoggedRun[], last: ToldStatus | undefined): boolean =>
  last?.code === "RUN_VANISHED" && runs.length > 0 && runs.every(({ has_vanished }) => has_vanished);

/** A run that was ended on Argo has failed. */
const isEnded = (engine: string, states: readonly string[]): boolean =>
  states.at(-1) === "cancelled" || (engine === "argo" && states.at(-1) === "failed");

const statusesOf = (told: readonly { status: string }[]): string => told.map(({ status }) => status).join(", ");
