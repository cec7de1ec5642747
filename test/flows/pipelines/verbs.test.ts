import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runsOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import type { Script } from "../../harness/engines/switches.ts";
import { type Pipelines, setupPipelines } from "./pipelines.fixture.ts";

const ENGINES = [
  { engine: "argo", pipeline: "batch-inference" },
  { engine: "kubeflow", pipeline: "rag-query" },
] as const;

interface Known {
  request_id: string;
  state: string;
  run_id: string;
  attempt: number;
  statuses: { seq: number; status: string }[];
}

let pipelines: Pipelines;
beforeAll(async () => {
  pipelines = await setupPipelines();
});
afterEach(async () => {
  expect(await pipelines.faults()).toEqual([]);
});
afterAll(() => pipelines.stop());

const ends = (state: string): Script => ({
  steps: [
    { state: "running", after_ms: 20 },
    { state, after_ms: 50, message: `it ${state}` },
  ],
});
const going: Script = { steps: [{ state: "running", after_ms: 20 }] };

function script(engine: "argo" | "kubeflow", script: Script): Promise<void> {
  return turnSwitches(pipelines.engines[engine].url, { script });
}

const run = (pipeline: string, request_id: string) =>
  pipelines.api("POST", `/api/pipelines/${pipeline}/runs`, { request_id, parameters: { number: 7 } });

const found = (request_id: string) => pipelines.api<Known>("GET", `/api/pipelines/runs/${request_id}`);

const statusesOf = (told: readonly { status: string }[]): string[] => told.map(({ status }) => status);

test.each(ENGINES)("run: a trigger over HTTP is one run on $engine, told to its end", async ({ engine, pipeline }) => {
  await script(engine, ends("succeeded"));
  const request_id = `http-${engine}`;
  await Promise.all([run(pipeline, request_id), run(pipeline, request_id)]);
  const told = await pipelines.told(request_id);
  expect(statusesOf(told)).toEqual(expect.arrayContaining(["submitted", "succeeded"]));
  expect(told.map(({ seq }) => seq)).toEqual(told.map((_, i) => i));
  expect(await runsOf(pipelines.engines[engine].url)).toHaveLength(1);
  const { state, run_id, statuses } = await found(request_id);
  expect({ state, run_id }).toEqual({ state: "succeeded", run_id: told[0]!.run_id });
  expect(statusesOf(statuses)).toEqual(statusesOf(told));
});

test.each(ENGINES)("run: a trigger over a WebSocket runs on $engine, and is followed there", async (one) => {
  await script(one.engine, ends("succeeded"));
  const fields = { request_id: `ws-${one.engine}`, pipeline: one.pipeline, parameters: { number: 7 } };
  const told = await pipelines.triggerBySocket(fields);
  expect(statusesOf(told)).toEqual(statusesOf(await pipelines.told(fields.request_id)));
  expect(told.at(-1)).toMatchObject({ status: "succeeded", engine: one.engine, pipeline: one.pipeline });
});

test.each(ENGINES)("cancel: a run on $engine ends there, and is told to be cancelled", async ({ engine, pipeline }) => {
  await script(engine, going);
  const request_id = `cancel-${engine}`;
  await run(pipeline, request_id);
  await pipelines.told(request_id, "running");
  await pipelines.api("POST", `/api/pipelines/runs/${request_id}/cancel`);
  expect(statusesOf(await pipelines.told(request_id)).at(-1)).toBe("cancelled");
});

test.each(ENGINES)("retry: a run on $engine that failed goes on as the same run", async ({ engine, pipeline }) => {
  await script(engine, ends("failed"));
  const request_id = `retry-${engine}`;
  await run(pipeline, request_id);
  const failed = await pipelines.told(request_id);
  expect(failed.at(-1)).toMatchObject({ status: "failed", message: expect.stringContaining("it failed") });
  await script(engine, ends("succeeded"));
  await pipelines.api("POST", `/api/pipelines/runs/${request_id}/retry`);
  const told = await pipelines.told(request_id, "succeeded");
  expect(told.slice(0, failed.length)).toEqual(failed);
  const { run_id, attempt } = await found(request_id);
  expect({ run_id, attempt }).toEqual({ run_id: failed[0]!.run_id, attempt: 2 });
});

test("list: runs are found by pipeline and by state, newest first", async () => {
  await script("argo", ends("succeeded"));
  for (const request_id of ["list-1", "list-2"]) {
    await run("batch-inference", request_id);
    await pipelines.told(request_id);
  }
  const path = "/api/pipelines/runs?pipeline=batch-inference&state=succeeded&limit=2";
  const { items } = await pipelines.api<{ items: Known[] }>("GET", path);
  expect(items.map(({ request_id }) => request_id)).toEqual(["list-2", "list-1"]);
});
