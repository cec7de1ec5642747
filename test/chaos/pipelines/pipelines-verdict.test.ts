import { expect, test } from "vitest";
import type { Fate, LoggedRun, PipelinesStory, RunRow, RunState, StatusRow, ToldStatus } from "./pipelines-story.ts";
import { judgePipelines, runNameOf } from "./pipelines-verdict.ts";

/** What was written down of one trigger. */
interface Chapter {
  engine: "argo" | "kubeflow";
  fate: Fate;
  row: RunRow;
  logged: LoggedRun[];
  told: ToldStatus[];
  /** What was told unless it is given. */
  kept?: StatusRow[];
}

/** A trigger that came to what it should, told as its engine did it. */
function chapter(engine: "argo" | "kubeflow", fate: Fate, states: RunState[], said: string[]): Chapter {
  const request_id = `${engine}-${fate}-${states.length}`;
  const run_name = runNameOf(request_id);
  const run_id = states.length === 0 ? null : engine === "argo" ? run_name : `server-${request_id}`;
  const refused = fate === "bad" ? { code: "BAD_PARAMETERS", retryable: false } : {};
  const row = {
    request_id,
    run_name,
    run_id,
    state: said.at(-1)!,
    created_at_ms: 1_000,
    submitted_at_ms: run_id === null ? null : 1_040,
    cancelled_at_ms: fate === "cancel" ? 1_060 : null,
    ended_at_ms: 1_100,
  };
  const logged =
    run_id === null ? [] : [{ engine, run_name, run_id, created_at_ms: 1_030, states, has_vanished: false }];
  const told = said.map((status, seq) => ({ request_id, seq, status, run_id, ...refused }));
  return { engine, fate, row, logged, told };
}

const whole: RunState[] = ["pending", "running", "succeeded"];
const again: RunState[] = ["pending", "running", "failed", "running", "succeeded"];
const good = chapter("argo", "run", whole, ["submitted", ...whole]);
const twin = chapter("kubeflow", "run", whole, ["submitted", "running", "succeeded"]);
const retried = chapter("argo", "run", again, ["submitted", "running", "failed", "submitted", "running", "succeeded"]);
const cancelled: Chapter = chapter(
  "argo",
  "cancel",
  ["pending", "running", "failed"],
  ["submitted", "running", "cancelled"],
);
const bad = chapter("kubeflow", "bad", [], ["error"]);
/** Ends before its cancel could be written down. */
const quick = chapter("kubeflow", "cancel", whole, ["submitted", "running", "succeeded"]);
quick.row.cancelled_at_ms = null;
/** Its engine did not know our token when it was submitted first. */
const refused: Chapter = chapter("argo", "run", ["running", "succeeded"], ["error", "error", "submitted", "succeeded"]);
for (const one of refused.told.slice(0, 2)) Object.assign(one, { run_id: null, code: "ENGINE_UNAUTHORIZED" });
const given_up: Chapter = chapter("kubeflow", "cancel", [], ["error"]);
given_up.row.cancelled_at_ms = null;
Object.assign(given_up.told[0]!, { code: "ENGINE_UNAUTHORIZED" });
/** Its engine cleared it away before its end was heard. */
const cleared: Chapter = chapter("argo", "run", ["succeeded"], ["submitted", "error"]);
cleared.logged = cleared.logged.map((run) => ({ ...run, has_vanished: true }));
cleared.row.run_id = null;
cleared.told.at(-1)!.code = "RUN_VANISHED";
const extra: LoggedRun = { ...twin.logged[0]!, run_id: "extra", states: ["pending", "running", "cancelled"] };

/** The faults of a story in which all is well, but for one chapter. */
function faultsOf(chapters: readonly Chapter[], other: Partial<PipelinesStory> = {}): string[] {
  const story = {
    triggers: chapters.map(({ row: { request_id }, engine, fate }) => {
      return { request_id, engine, fate, cancel_acked_at_ms: fate === "cancel" ? 1_050 : null };
    }),
    reach: { cancel_ms: 500, begin_ms: 700 },
    trouble: { met: {}, happened: {}, unexplained: [] },
    logged: chapters.flatMap(({ logged }) => logged),
    contract_faults: [],
    rows: chapters.map(({ row }) => row),
    status_rows: chapters.flatMap(({ told, kept }) => kept ?? told.map((one, i) => ({ ...one, published_seq: i + 1 }))),
    told: chapters.flatMap(({ told }) => told),
    due: [],
    dead_letters: [],
  };
  return judgePipelines({ ...story, ...other }).faults;
}

const told = (from: Chapter, ...said: string[]): ToldStatus[] =>
  said.map((status, seq) => ({ ...from.told[0]!, seq, status }));

test("judgePipelines() finds nothing where all is well", () => {
  const never = chapter("kubeflow", "cancel", [], ["cancelled"]);
  const late = { ...twin, logged: [...twin.logged, extra], told: twin.told.map((one) => ({ ...one })) };
  late.told[0]!.run_id = "extra";
  expect(faultsOf([good, late, retried, cancelled, quick, refused, cleared, bad, never])).toEqual([]);
  expect(faultsOf([given_up])).toEqual([]);
});

test.each<[string, Chapter, string]>([
  ["no run", { ...good, logged: [] }, "0 runs"],
  ["two runs on Argo", { ...good, logged: [...good.logged, ...good.logged] }, "2 runs"],
  ["a run on another engine", { ...good, logged: [{ ...good.logged[0]!, engine: "kubeflow" }] }, "another engine"],
  ["a second run that was kept", { ...twin, logged: [...twin.logged, { ...extra, states: whole }] }, "not terminated"],
  ["a run that goes on for ever", { ...good, logged: [{ ...good.logged[0]!, states: ["running"] }] }, "for ever"],
  ["a row that names no run", { ...twin, logged: [{ ...extra, states: whole }] }, "which is no run"],
  ["a row that names none of its runs", { ...good, row: { ...good.row, run_id: null } }, "which its row does not name"],
  [
    "a run that was given up while its engine had it",
    { ...cleared, logged: cleared.logged.map((run) => ({ ...run, has_vanished: false })) },
    "ends with error",
  ],
  ["bad parameters that were sent", chapter("argo", "bad", whole, ["error"]), "it was sent to its engine"],
  ["a refusal that may be tried again", { ...bad, told: [{ ...bad.told[0]!, retryable: true }] }, "retryable true"],
  ["nothing told", { ...good, told: [] }, "nothing was told"],
  ["a hole", { ...good, told: good.told.filter((_, i) => i !== 1) }, "in the order 0, 2, 3"],
  ["a message twice", { ...good, told: [...good.told, good.told.at(-1)!] }, "in the order 0, 1, 2, 3, 3"],
  [
    "a status twice",
    { ...good, told: told(good, "submitted", "running", "running", "succeeded") },
    "same was told twice",
  ],
  ["a submission too many", { ...good, told: told(good, "submitted", "running", "submitted", "succeeded") }, "ran: "],
  ["no submission", { ...good, told: told(good, "running", "succeeded") }, "begins with running"],
  ["another error", { ...refused, told: refused.told.map((one) => ({ ...one, code: "X" })) }, "begins with error"],
  ["a cancel that was dropped", { ...quick, row: { ...quick.row, ended_at_ms: 1_551 } }, "its cancel was dropped"],
  ["a dropped cancel of an open run", { ...quick, row: { ...quick.row, ended_at_ms: null } }, "its cancel was dropped"],
  [
    "a run that began after its cancel",
    { ...cancelled, logged: cancelled.logged.map((run) => ({ ...run, created_at_ms: 1_761 })) },
    "began 711 ms after its cancel was acknowledged",
  ],
  [
    "a cancel of nobody",
    { ...good, row: { ...good.row, cancelled_at_ms: 1_060 } },
    "it was cancelled, and nobody asked for that",
  ],
  ["no end", { ...good, told: told(good, "submitted", "running") }, "ends with running"],
  ["another end", { ...good, told: told(good, "submitted", "failed") }, "its end was not told"],
  ["an end that is not kept", { ...good, row: { ...good.row, state: "running" } }, "and is running"],
  ["what never was", { ...retried, told: told(retried, "submitted", "failed", "pending", "succeeded") }, "and was"],
  [
    "another's run",
    { ...twin, told: twin.told.map((one) => ({ ...one, run_id: "extra" })) },
    "told of extra, extra, extra, and is",
  ],
  [
    "what was never published",
    { ...good, kept: good.told.map((one) => ({ ...one, published_seq: null })) },
    "was never published",
  ],
  ["what is not kept", { ...good, kept: [] }, "is kept"],
])("judgePipelines() finds %s", (_, found, fault) => {
  expect(faultsOf([found])).toContainEqual(expect.stringContaining(fault));
});

test.each<[string, Partial<PipelinesStory>, string]>([
  ["a trigger that was lost", { rows: [] }, "no row"],
  ["a run of nobody", { logged: [...good.logged, { ...extra, run_name: "gh-0" }] }, "gh-0 is nobody's"],
  ["a status of nobody", { told: [...good.told, ...twin.told] }, "kubeflow-run-3 is nobody's"],
  ["a row of nobody", { rows: [good.row, twin.row] }, "row kubeflow-run-3 is nobody's"],
  ["a wrong request", { contract_faults: ["metadata.nme"] }, "asked wrongly: metadata.nme"],
  [
    "an engine that cannot be given trouble",
    { trouble: { met: {}, happened: {}, unexplained: ["switch: 404"] } },
    "could not be given trouble: switch: 404",
  ],
  ["a dead letter", { dead_letters: ["dead.pipeline-bridge: X"] }, "dead letter on dead.pipeline-bridge: X"],
  ["work that is due for ever", { due: ["tell r-1"] }, "tell r-1 is still due"],
])("judgePipelines() finds %s", (_, other, fault) => {
  expect(faultsOf([good], other)).toContainEqual(expect.stringContaining(fault));
});
