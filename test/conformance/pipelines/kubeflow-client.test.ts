import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineRun, KubeflowEngine, type PlacedRun, type PollPace } from "@gatehouse/pipeline-bridge";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { contractOf, runsOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import type { EngineServer } from "../../harness/engines/engine-server.ts";
import { startKubeflowEngine } from "../../harness/engines/kubeflow-engine.ts";
import type { KeptRun } from "../../harness/engines/kubeflow-runs.ts";
import type { Fault, Script } from "../../harness/engines/switches.ts";
import { until } from "../../harness/until.ts";

const NEVER: Script = { steps: [{ state: "running", after_ms: 0 }] };
const FAILING: Script = { steps: [{ state: "failed", after_ms: 0, message: "no room" }] };
const PACE: PollPace = { least_ms: 5, most_ms: 40, gather_ms: 2, open_every_ms: 5, batch: 2, in_flight: 2 };
const CREATE = "RunService_CreateRun";
const LIST = "RunService_ListRuns";
const signal = AbortSignal.timeout(60_000);

let server: EngineServer;
let kubeflow: KubeflowEngine;
beforeEach(async () => {
  server = await startKubeflowEngine({ file: newFile("runs.jsonl") });
  kubeflow = clientOf(server.url);
});
afterEach(async () => {
  await kubeflow.close();
  const { faults } = await contractOf(server.url);
  await server.stop();
  expect(faults).toEqual([]);
});

function newFile(name: string): string {
  return join(mkdtempSync(join(tmpdir(), "kubeflow-")), name);
}

function clientOf(url: string, { timeout_ms = 5_000, token = {} as { token?: { file: string } } } = {}) {
  const settings = { url, namespace: "ml", ca_file: null, timeout_ms, ...token };
  const client = new KubeflowEngine(settings, { pace: PACE });
  onTestFinished(() => client.close());
  return client;
}

const entry = {
  pipeline: "rag-query",
  engine: "kubeflow",
  template: null,
  pipeline_id: "p-1",
  version_id: "v-1",
  experiment_id: "e-1",
  namespace: "ml",
  parameters: null,
  per_min: null,
  timeout_s: 60,
} as const;

const newRun = (run_name: string) => ({
  run_name,
  request_id: "r-1",
  pipeline: "rag-query",
  entry,
  parameters: { question: "who?", top_k: 5, exact: true, of: ["a"], from: { day: null } },
});

const placed = ({ run_name, run_id }: EngineRun): PlacedRun => ({ run_name, run_id, namespace: "ml" });
const submit = (run_name = "gh-1") => kubeflow.submit(newRun(run_name), { signal });
const turn = (script: Script) => turnSwitches(server.url, { script });
const fail = (operation: string, fault: Fault, count = 1) =>
  turnSwitches(server.url, { faults: [{ operation, count, fault }] });

async function runIs(run: EngineRun, status: string): Promise<EngineRun> {
  let seen = run;
  await until(`the run is ${status}`, async () => {
    const found = await kubeflow.find(run.run_name, "ml", { signal });
    seen = found.find((each) => each.run_id === run.run_id)!;
    return seen.status === status;
  });
  return seen;
}

/** What a watch tells, until it is stopped. */
function watch(open: PlacedRun[]) {
  const told = { runs: [] as EngineRun[], gone: [] as string[] };
  const stop = new AbortController();
  const over = kubeflow.watch(
    "ml",
    {
      open: async () => open.filter((run) => !told.gone.includes(run.run_id)),
      run: async (run) => void told.runs.push(run),
      gone: async (run) => void told.gone.push(run.run_id),
    },
    stop,
  );
  const statuses = (run: EngineRun) =>
    told.runs.filter((each) => each.run_id === run.run_id).map((each) => each.status);
  return { told, statuses, over, stop: () => stopped(stop, over) };
}

async function stopped(stop: AbortController, over: Promise<void>): Promise<void> {
  stop.abort();
  await over;
}

test("submit() sends name, request, version, experiment and typed parameters", async () => {
  const run = await submit("gh-1");
  expect(run).toMatchObject({ run_name: "gh-1", status: "pending", ended_at_ms: null, outputs: null, artifacts: [] });
  const [kept] = await runsOf<KeptRun>(server.url);
  expect(kept).toMatchObject({
    run_id: run.run_id,
    given: {
      display_name: "gh-1",
      description: "Gatehouse request r-1",
      experiment_id: "e-1",
      pipeline_version_reference: { pipeline_id: "p-1", pipeline_version_id: "v-1" },
      runtime_config: { parameters: newRun("gh-1").parameters },
    },
  });
});

test("find() gives all runs of a name over all pages, oldest first, and no others", async () => {
  const made: string[] = [];
  for (let at = 0; at < 120; at++) made.push((await submit("gh-1")).run_id);
  await submit("gh-2");
  const found = await kubeflow.find("gh-1", "ml", { signal });
  expect(found.map((run) => run.run_id).sort()).toEqual(made.sort());
  const times = found.map((run) => run.created_at_ms);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(await kubeflow.find("gh-3", "ml", { signal })).toEqual([]);
});

test("find() refuses a run that it cannot read, as there may be one", async () => {
  await fail(LIST, { kind: "foreign" });
  await expect(kubeflow.find("gh-1", "ml", { signal })).rejects.toMatchObject({ code: "ENGINE_ANSWER_MALFORMED" });
});

test.each<[Fault, string, string]>([
  [{ kind: "status", status: 401 }, "ENGINE_UNAUTHORIZED", "never"],
  [{ kind: "status", status: 403 }, "ENGINE_UNAUTHORIZED", "never"],
  [{ kind: "status", status: 409 }, "ENGINE_REFUSED", "never"],
  [{ kind: "status", status: 429, retry_after_s: 7 }, "ENGINE_BUSY", "later"],
  [{ kind: "status", status: 500 }, "ENGINE_IN_DOUBT", "later"],
  [{ kind: "status", status: 503 }, "ENGINE_IN_DOUBT", "later"],
  [{ kind: "cut_before" }, "ENGINE_IN_DOUBT", "later"],
  [{ kind: "cut_after" }, "ENGINE_IN_DOUBT", "later"],
  [{ kind: "late", late_ms: 1 }, "ENGINE_IN_DOUBT", "later"],
  [{ kind: "malformed" }, "ENGINE_ANSWER_MALFORMED", "later"],
  [{ kind: "foreign" }, "ENGINE_ANSWER_MALFORMED", "later"],
])("submit() says what is known after %o", async (fault, code, retry) => {
  await fail(CREATE, fault);
  const retry_after_ms = fault.kind === "status" && fault.retry_after_s ? 7_000 : null;
  await expect(submit()).rejects.toMatchObject({ code, retry, retry_after_ms });
});

test("submit() is in doubt when no answer comes in time, and not when there is no engine", async () => {
  await turnSwitches(server.url, { latency_ms: 400 });
  await expect(clientOf(server.url, { timeout_ms: 100 }).submit(newRun("gh-1"), { signal })).rejects.toMatchObject({
    code: "ENGINE_IN_DOUBT",
  });
  await turnSwitches(server.url, { latency_ms: 0 });
  const nowhere = clientOf("http://127.0.0.1:1").submit(newRun("gh-1"), { signal });
  await expect(nowhere).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});

test("submit() shows a token that was rotated, and no error holds one", async () => {
  const file = newFile("token");
  writeFileSync(file, "one-secret");
  const client = clientOf(server.url, { token: { token: { file } } });
  await fetch(`${server.url}/_test/token`, { method: "POST", body: JSON.stringify({ token: "two-secret" }) });
  const refused = await client.submit(newRun("gh-1"), { signal }).catch((error: unknown) => String(error));
  expect(refused).toContain("token file");
  expect(refused).not.toContain("secret");
  writeFileSync(file, "two-secret");
  await expect(client.submit(newRun("gh-1"), { signal })).resolves.toMatchObject({ run_name: "gh-1" });
});

test("cancel() ends a run, resolves when it had ended, and says when there is none", async () => {
  await turn(NEVER);
  const run = await submit();
  await kubeflow.cancel(placed(run), { signal });
  await runIs(run, "cancelled");
  await kubeflow.cancel(placed(run), { signal });
  const none = kubeflow.cancel({ ...placed(run), run_id: "none" }, { signal });
  await expect(none).rejects.toMatchObject({ code: "RUN_GONE" });
});

test("retry() has a failed run go on, also when it went on already, and says when there is none", async () => {
  await turn(FAILING);
  const run = await submit();
  expect(await runIs(run, "failed")).toMatchObject({ message: "no room" });
  await turn(NEVER);
  expect(await kubeflow.retry(placed(run), { signal })).toMatchObject({ status: "running" });
  expect(await kubeflow.retry(placed(run), { signal })).toMatchObject({ status: "running" });
  const none = kubeflow.retry({ ...placed(run), run_id: "none" }, { signal });
  await expect(none).rejects.toMatchObject({ code: "RUN_GONE" });
});

test("a run's version rises with every change, also within one second", async () => {
  await turn(NEVER);
  const first = await submit();
  const running = await runIs(first, "running");
  await kubeflow.cancel(placed(first), { signal });
  const ended = await runIs(first, "cancelled");
  expect(running.version).toBeGreaterThan(first.version);
  expect(ended.version).toBeGreaterThan(running.version);
  expect(ended.ended_at_ms).toBeGreaterThanOrEqual(ended.created_at_ms);
});

test.each([
  ["PENDING", "pending", ""],
  ["SKIPPED", "succeeded", ""],
  ["PAUSED", "running", "is paused"],
  ["CANCELING", "running", "is being cancelled"],
])("a run in state %s is %s", async (state, status, message) => {
  const steps = [
    { state: "running", after_ms: 0 },
    { state, after_ms: 0 },
    { state: "running", after_ms: 3_600_000 },
  ];
  await turn({ steps: state === "PENDING" ? [] : steps });
  const run = await submit();
  await until(`it is ${state}`, async () => (await runsOf<KeptRun>(server.url))[0]!.history.at(-1)!.state === state);
  const [found] = await kubeflow.find(run.run_name, "ml", { signal });
  expect(found).toMatchObject({ status, message });
});

test("a run that succeeded has its artifacts as links, at most 100, and no outputs beyond 64 KiB", async () => {
  const artifacts = Array.from({ length: 120 }, (_, at) => ({ name: `${"long".repeat(200)}${at}`, uri: "" }));
  await turn({ steps: [{ state: "succeeded", after_ms: 0 }], artifacts });
  const large = await runIs(await submit("gh-1"), "succeeded");
  expect(large.artifacts).toHaveLength(100);
  expect(large.outputs).toBeNull();
  await turn({ steps: [{ state: "succeeded", after_ms: 0 }], artifacts: [{ name: "model", uri: "" }] });
  expect(await runIs(await submit("gh-2"), "succeeded")).toMatchObject({
    outputs: { main: { model: ["1"] } },
    artifacts: [{ name: "main.model", uri: `${server.url}/#/artifacts/1` }],
  });
});

test("watch() tells each open run once at first, then what changes, and nothing twice", async () => {
  await turn(NEVER);
  const runs = [await submit("gh-1"), await submit("gh-2"), await submit("gh-3")];
  const watched = watch(runs.map(placed));
  await until("all are running", () => runs.every((run) => watched.statuses(run).includes("running")));
  await kubeflow.cancel(placed(runs[1]!), { signal });
  await until("one is cancelled", () => watched.statuses(runs[1]!).includes("cancelled"));
  await watched.stop();
  for (const { run_id } of runs) {
    const versions = watched.told.runs.filter((each) => each.run_id === run_id).map((each) => each.version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  }
});

test("watch() tells nothing of an answer that is behind what was told", async () => {
  await turn(NEVER);
  const run = await runIs(await submit(), "running");
  const watched = watch([placed(run)]);
  await until("it is running", () => watched.statuses(run).includes("running"));
  await fail(LIST, { kind: "stale" }, 3);
  const asked = async () => (await contractOf(server.url)).requests[LIST] ?? 0;
  const before = await asked();
  await until("it was asked about again", async () => (await asked()) > before + 3);
  await watched.stop();
  expect(watched.statuses(run)).toEqual(["running"]);
});

test("watch() notices runs that come later, and tells of one that vanished", async () => {
  await turn(NEVER);
  const open: PlacedRun[] = [];
  const watched = watch(open);
  const run = await submit();
  open.push(placed(run));
  await until("it is told", () => watched.statuses(run).includes("running"));
  await fetch(`${server.url}/_test/vanish`, { method: "POST", body: JSON.stringify({ run_id: run.run_id }) });
  await until("it is gone", () => watched.told.gone.includes(run.run_id));
  await watched.stop();
});

test("watch() asks about a run that changes nothing less and less often", async () => {
  await turn(NEVER);
  const run = await submit();
  const watched = watch([placed(run)]);
  await until("it is running", () => watched.statuses(run).includes("running"));
  const asked = async () => (await contractOf(server.url)).requests[LIST] ?? 0;
  const before = await asked();
  const began_ms = performance.now();
  await until("it was asked about some more", async () => (await asked()) >= before + 8);
  expect(performance.now() - began_ms).toBeGreaterThan(8 * PACE.least_ms * 2);
  await watched.stop();
});

test("watch() ends with the error of an engine that is away", async () => {
  const watched = watch([placed(await submit())]);
  await fail(LIST, { kind: "status", status: 500 });
  await expect(watched.over).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});

test("probe() resolves while the engine answers", async () => {
  await kubeflow.probe(signal);
  await expect(clientOf("http://127.0.0.1:1").probe(signal)).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});
