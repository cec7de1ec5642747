import { afterEach, beforeEach, expect, test } from "vitest";
import { contractOf, runsOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import { EngineProcess } from "../../harness/engines/engine-process.ts";
import type { EngineServer } from "../../harness/engines/engine-server.ts";
import { kubeflowContract, startKubeflowEngine } from "../../harness/engines/kubeflow-engine.ts";
import type { KeptRun } from "../../harness/engines/kubeflow-runs.ts";
import type { Fault } from "../../harness/engines/switches.ts";
import { until } from "../../harness/until.ts";
import { newFile } from "./kubeflow-client.fixture.ts";

const CREATE = "RunService_CreateRun";
const NEVER = { steps: [] };

let engine: EngineServer;
beforeEach(async () => {
  engine = await startKubeflowEngine({ file: newFile("runs.jsonl") });
});
afterEach(() => engine.stop());

const newRun = (display_name: string) => ({
  display_name,
  pipeline_version_reference: { pipeline_id: "p-1", pipeline_version_id: "v-1" },
  runtime_config: { parameters: { question: "who?", top_k: 5, exact: true } },
});

async function ask(path: string, body?: unknown, { url = engine.url, headers = {} } = {}) {
  const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`${url}/apis/v2beta1${path}`, init);
  const text = await response.text();
  return { status: response.status, text, json: () => JSON.parse(text) as Record<string, unknown> };
}

function named(name: string): string {
  const filter = { predicates: [{ key: "display_name", operation: "EQUALS", string_value: name }] };
  return `/runs?${new URLSearchParams({ filter: JSON.stringify(filter), page_size: "1" })}`;
}

const planned = (fault: Fault) => turnSwitches(engine.url, { faults: [{ operation: CREATE, count: 1, fault }] });

test("startKubeflowEngine() takes equal names, and lists them page by page", async () => {
  const first = (await ask("/runs", newRun("gh-1"))).json();
  const second = (await ask("/runs", newRun("gh-1"))).json();
  await ask("/runs", newRun("gh-2"));
  expect(second.run_id).not.toBe(first.run_id);
  const page = (await ask(named("gh-1"))).json();
  const next = (await ask(`${named("gh-1")}&page_token=${page.next_page_token}`)).json();
  expect(page.total_size).toBe(2);
  expect(next.next_page_token).toBe("");
  const found = [...(page.runs as { run_id: string }[]), ...(next.runs as { run_id: string }[])];
  expect(new Set(found.map((run) => run.run_id))).toEqual(new Set([first.run_id, second.run_id]));
});

test("startKubeflowEngine() lists the runs of a namespace by their experiments", async () => {
  const listed = async (namespace: string) => (await ask(`/runs?namespace=${namespace}`)).json().total_size;
  await ask("/runs", { ...newRun("gh-1"), experiment_id: "e-1@ml" });
  expect([await listed("ml"), await listed("other")]).toEqual([1, 0]);
  await ask("/runs", newRun("gh-2"));
  expect([await listed("ml"), await listed("other")]).toEqual([2, 1]);
});

test("startKubeflowEngine() answers what its own definitions say", async () => {
  await turnSwitches(engine.url, {
    script: {
      steps: [{ state: "failed", after_ms: 0, message: "no room" }],
      artifacts: [{ name: "model", uri: "s3://m" }],
    },
  });
  const { run_id } = (await ask("/runs", newRun("gh-1"))).json();
  await until("the run failed", async () => (await ask(`/runs/${run_id}`)).json().state === "FAILED");
  const run = (await ask(`/runs/${run_id}`)).json();
  expect(kubeflowContract.faultsOf("v2beta1Run", run)).toEqual([]);
  expect(run.state_history).toMatchObject([{ state: "PENDING" }, { state: "FAILED", error: { message: "no room" } }]);
  expect(kubeflowContract.faultsOf("v2beta1ListRunsResponse", (await ask("/runs")).json())).toEqual([]);
  expect(kubeflowContract.faultsOf("runtimeError", (await ask("/runs/none")).json())).toEqual([]);
  const spoil = { method: "POST", body: JSON.stringify({ run_id, how: "unread" }) };
  await fetch(`${engine.url}/_test/spoil`, spoil);
  expect(kubeflowContract.faultsOf("v2beta1Run", (await ask(`/runs/${run_id}`)).json())).toEqual([]);
});

test.each([
  ["a field that is not published", "/runs", { ...newRun("gh-1"), colour: "red" }],
  ["a field of another type", "/runs", { ...newRun("gh-1"), description: 7 }],
  ["a field that only answers have", "/runs", { ...newRun("gh-1"), state: "RUNNING" }],
  ["no name", "/runs", { ...newRun(""), display_name: undefined }],
  ["a query that is not published", "/runs?limit=5", undefined],
  ["a query that is no number", "/runs?page_size=many", undefined],
  ["a filter that is no JSON", "/runs?filter=name", undefined],
  ["a filter with a field that there is not", `/runs?filter=${encodeURIComponent('{"predicate":[]}')}`, undefined],
  ["a body where none is", "/runs/r-1:retry", { force: true }],
])("startKubeflowEngine() refuses and counts a request with %s", async (_what, path, body) => {
  expect((await ask(path, body)).status).toBe(400);
  expect((await contractOf(engine.url)).faults).toHaveLength(1);
});

test.each<[Fault, number]>([
  [{ kind: "cut_before" }, 0],
  [{ kind: "cut_after" }, 1],
])("startKubeflowEngine() cuts the connection and keeps what it applied: %o", async (fault, kept) => {
  await planned(fault);
  await expect(ask("/runs", newRun("gh-1"))).rejects.toThrow();
  expect(await runsOf(engine.url)).toHaveLength(kept);
});

test.each<[Fault, number, number]>([
  [{ kind: "status", status: 403 }, 403, 0],
  [{ kind: "status", status: 429, retry_after_s: 2 }, 429, 0],
  [{ kind: "applied_status", status: 500 }, 500, 1],
])("startKubeflowEngine() answers as it was told: %o", async (fault, status, kept) => {
  await planned(fault);
  expect((await ask("/runs", newRun("gh-1"))).status).toBe(status);
  expect(await runsOf(engine.url)).toHaveLength(kept);
  expect((await ask("/runs", newRun("gh-1"))).status).toBe(200);
});

test("startKubeflowEngine() answers what is no JSON, or no run, when it was told to", async () => {
  await planned({ kind: "malformed" });
  expect((await ask("/runs", newRun("gh-1"))).json).toThrow(SyntaxError);
  await planned({ kind: "foreign" });
  expect((await ask("/runs", newRun("gh-1"))).json()).toMatchObject({ run_id: 7 });
  expect(await runsOf(engine.url)).toHaveLength(2);
});

test("startKubeflowEngine() asks for its token, also for a new one", async () => {
  await engine.stop();
  engine = await startKubeflowEngine({ file: newFile("runs.jsonl"), token: "one" });
  const bearing = (token: string) => ask("/runs", undefined, { headers: { authorization: `Bearer ${token}` } });
  expect((await ask("/runs")).status).toBe(401);
  expect((await bearing("one")).status).toBe(200);
  await fetch(`${engine.url}/_test/token`, { method: "POST", body: JSON.stringify({ token: "two" }) });
  expect((await bearing("one")).status).toBe(401);
  expect((await bearing("two")).status).toBe(200);
});

test("startKubeflowEngine() ends a run that is terminated, and has it go on when it is retried", async () => {
  await turnSwitches(engine.url, { script: NEVER });
  const { run_id } = (await ask("/runs", newRun("gh-1"))).json();
  const state = async () => (await ask(`/runs/${run_id}`)).json().state;
  const post = (verb: string) => fetch(`${engine.url}/apis/v2beta1/runs/${run_id}:${verb}`, { method: "POST" });
  expect((await post("retry")).status).toBe(400);
  expect((await post("terminate")).status).toBe(200);
  await until("it was cancelled", async () => (await state()) === "CANCELED");
  expect((await post("terminate")).status).toBe(400);
  expect((await post("retry")).status).toBe(200);
  expect(await state()).toBe("RUNNING");
});

test("KubeflowRuns keeps runs, and posts that are still to be applied, over a SIGKILL", async () => {
  const child = await EngineProcess.start({ engine: "kubeflow", file: newFile("runs.jsonl") });
  const at = { url: child.url };
  try {
    await turnSwitches(child.url, { script: NEVER });
    const { run_id } = (await ask("/runs", newRun("gh-1"), at)).json();
    const fault: Fault = { kind: "late", late_ms: 500 };
    await turnSwitches(child.url, { faults: [{ operation: CREATE, count: 1, fault }] });
    await expect(ask("/runs", newRun("gh-1"), at)).rejects.toThrow();
    await child.kill();
    await child.start();
    expect((await ask(`/runs/${run_id}`, undefined, at)).status).toBe(200);
    await until("the late one is there", async () => (await runsOf<KeptRun>(child.url)).length === 2);
    expect((await ask(named("gh-1"), undefined, at)).json()).toMatchObject({ total_size: 2 });
  } finally {
    await child.stop();
  }
});

test("startKubeflowEngine() no longer knows a run that vanished, and tells that there was one", async () => {
  const { run_id } = (await ask("/runs", newRun("gh-1"))).json();
  await fetch(`${engine.url}/_test/vanish`, { method: "POST", body: JSON.stringify({ run_id }) });
  expect((await ask(`/runs/${run_id}`)).status).toBe(404);
  expect(await runsOf(engine.url)).toMatchObject([{ run_id, has_vanished: true }]);
});
