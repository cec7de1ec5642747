import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SseReader } from "@gatehouse/models";
import { afterEach, beforeEach, expect, test } from "vitest";
import { argoContract, startArgoEngine } from "../../harness/engines/argo-engine.ts";
import type { KeptRun } from "../../harness/engines/argo-runs.ts";
import { contractOf, runsOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import { EngineProcess } from "../../harness/engines/engine-process.ts";
import type { EngineServer } from "../../harness/engines/engine-server.ts";
import { until } from "../../harness/until.ts";

const NEVER = { steps: [] };
const WORKFLOW = "io.argoproj.workflow.v1alpha1.Workflow";

let engine: EngineServer;
beforeEach(async () => {
  engine = await startArgoEngine({ file: newFile() });
});
afterEach(async () => {
  await engine.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const folders: string[] = [];
function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "argo-"));
  folders.push(folder);
  return join(folder, "runs.jsonl");
}

interface Workflow {
  metadata: { name: string; resourceVersion: string };
  spec?: unknown;
  status?: { phase?: string; message?: string; outputs?: unknown };
}

const newRun = (name: string, options = {}, more = {}) => ({
  namespace: "ai",
  resourceKind: "WorkflowTemplate",
  resourceName: "batch-inference",
  submitOptions: { name, labels: "by=us", annotations: "gatehouse/request-id=_r", parameters: ["a=1=2"], ...options },
  ...more,
});

async function ask(path: string, { method = "GET", body }: { method?: string; body?: unknown } = {}, url = engine.url) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${url}/api/v1${path}`, init);
  return { status: response.status, json: (await response.json()) as Workflow };
}

const submit = (name: string, url = engine.url) =>
  ask("/workflows/ai/submit", { method: "POST", body: newRun(name) }, url);
const put = (name: string, verb: string) =>
  ask(`/workflows/ai/${name}/${verb}`, { method: "PUT", body: { name, namespace: "ai" } });
const phaseOf = async (name: string) => (await ask(`/workflows/ai/${name}`)).json.status?.phase;
const control = (name: string, body: object = {}) =>
  fetch(`${engine.url}/_test/${name}`, { method: "POST", body: JSON.stringify(body) });

interface Frame {
  result?: { type: string; object: Workflow };
  error?: { http_code: number; message: string };
}

/** The frames of a watch, as they come. */
async function* watch(query: Record<string, string>): AsyncGenerator<Frame> {
  const response = await fetch(`${engine.url}/api/v1/workflow-events/ai?${new URLSearchParams(query)}`);
  expect(response.status).toBe(200);
  const reader = new SseReader();
  for await (const bytes of response.body!) for (const data of reader.push(bytes)) yield JSON.parse(data) as Frame;
}

async function take(frames: AsyncGenerator<Frame>, count: number): Promise<Frame[]> {
  const taken: Frame[] = [];
  while (taken.length < count) taken.push((await frames.next()).value as Frame);
  return taken;
}

test("startArgoEngine() has one run per name and namespace, and answers what its own definitions say", async () => {
  const script = {
    steps: [{ state: "failed", after_ms: 0, message: "no room" }],
    artifacts: [{ name: "m", uri: "s3://b/m" }],
  };
  await turnSwitches(engine.url, { script });
  expect(await submit("gh-1")).toMatchObject({ status: 200, json: { metadata: { name: "gh-1" }, status: {} } });
  expect(await submit("gh-1")).toMatchObject({ status: 409, json: { code: 6 } });
  await until("it failed", async () => (await phaseOf("gh-1")) === "Failed");
  const { json } = await ask("/workflows/ai/gh-1");
  expect(json).toMatchObject({
    status: { message: "no room" },
    spec: { arguments: { parameters: [{ name: "a", value: "1=2" }] } },
  });
  expect(argoContract.faultsOf(WORKFLOW, json)).toEqual([]);
  expect(argoContract.faultsOf(`${WORKFLOW}List`, (await ask("/workflows/ai")).json)).toEqual([]);
  expect(argoContract.faultsOf("grpc.gateway.runtime.Error", (await ask("/workflows/ai/none")).json)).toEqual([]);
  expect((await contractOf(engine.url)).faults).toEqual([]);
});

test.each([
  ["a field that is not published", newRun("gh-1", {}, { colour: "red" })],
  ["a parameter that is no text", newRun("gh-1", { parameters: [1] })],
  ["a parameter without a name", newRun("gh-1", { parameters: ["x"] })],
  ["a label that is none", newRun("gh-1", { labels: "by=_r" })],
  ["an annotation with two signs", newRun("gh-1", { annotations: "a=b=c" })],
  ["a name that Kubernetes refuses", newRun("Gh_1")],
  ["another kind of template", newRun("gh-1", {}, { resourceKind: "workflow" })],
])("startArgoEngine() refuses and counts a submit with %s", async (_what, body) => {
  expect((await ask("/workflows/ai/submit", { method: "POST", body })).status).toBe(400);
  expect((await contractOf(engine.url)).faults).toHaveLength(1);
});

test("startArgoEngine() lists page by page only what was asked for", async () => {
  await turnSwitches(engine.url, { script: NEVER });
  for (const name of ["gh-1", "gh-2", "gh-3"]) await submit(name);
  const query = {
    "listOptions.labelSelector": "by=us",
    "listOptions.limit": "2",
    fields: "metadata,items.metadata.name",
  };
  const page = async (more: object) =>
    (await ask(`/workflows/ai?${new URLSearchParams({ ...query, ...more })}`)).json as unknown as {
      metadata: { continue?: string; resourceVersion: string };
      items: unknown[];
    };
  const first = await page({});
  expect(first.items).toEqual([{ metadata: { name: "gh-1" } }, { metadata: { name: "gh-2" } }]);
  await submit("gh-4");
  const second = await page({ "listOptions.continue": first.metadata.continue });
  expect(second.items).toEqual([{ metadata: { name: "gh-3" } }, { metadata: { name: "gh-4" } }]);
  expect(second.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion });
  expect((await page({ "listOptions.labelSelector": "by=them" })).items).toEqual([]);
});

test("startArgoEngine() tells a watch what changes after a version, in order, with the fields that were asked for", async () => {
  const version = (await submit("gh-1")).json.metadata.resourceVersion;
  const query = {
    "listOptions.resourceVersion": version,
    fields: "result.type,result.object.metadata.name,result.object.status.phase",
  };
  const frames = await take(watch(query), 3);
  expect(frames).toEqual(
    ["Pending", "Running", "Succeeded"].map((phase) => ({
      result: { type: "MODIFIED", object: { metadata: { name: "gh-1" }, status: { phase } } },
    })),
  );
  const all = await take(watch({ "listOptions.resourceVersion": "1000" }), 4);
  expect(all.flatMap((frame) => argoContract.faultsOf("StreamResult", frame))).toEqual([]);
  const versions = all.map(({ result }) => Number(result!.object.metadata.resourceVersion));
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
});

test("startArgoEngine() ends a watch as Argo does, tells bookmarks, and refuses a version that is too old", async () => {
  await turnSwitches(engine.url, { script: NEVER });
  const { metadata } = (await submit("gh-1")).json;
  const frames = watch({
    "listOptions.resourceVersion": metadata.resourceVersion,
    "listOptions.allowWatchBookmarks": "true",
  });
  const told = take(frames, 3);
  const open = async () => ((await (await control("watches")).json()) as { open: number }).open;
  await until("the watch is open", async () => (await open()) === 1);
  await control("bookmark");
  await control("vanish", { name: "gh-1" });
  await control("end_watch");
  expect(await told).toMatchObject([
    { result: { type: "BOOKMARK" } },
    { result: { type: "DELETED", object: { metadata: { name: "gh-1" } } } },
    { error: { http_code: 429, message: "EOF" } },
  ]);
  expect((await frames.next()).done).toBe(true);
  await control("expire");
  const late = await ask(`/workflow-events/ai?listOptions.resourceVersion=${metadata.resourceVersion}`);
  expect(late).toMatchObject({ status: 400, json: { message: expect.stringContaining("too old") } });
});

test("startArgoEngine() has runs vanish after a time to live, watches that are down, and versions that begin anew", async () => {
  await control("ttl", { ms: 0 });
  await turnSwitches(engine.url, { script: { steps: [{ state: "succeeded", after_ms: 0 }] } });
  await submit("gh-1");
  await until("it is gone", async () => (await ask("/workflows/ai/gh-1")).status === 404);
  await turnSwitches(engine.url, { script: NEVER });
  const version = (await submit("gh-2")).json.metadata.resourceVersion;
  await control("gap", { ms: 20 });
  const after = (path: string) => ask(`${path}?listOptions.resourceVersion=${version}`);
  expect((await after("/workflow-events/ai")).status).toBe(503);
  await until("nothing tells of it", async () => (await after("/workflow-events/ai")).status === 400);
  await control("anew");
  expect(Number((await ask("/workflows/ai/gh-2")).json.metadata.resourceVersion)).toBeLessThan(Number(version));
});

test("startArgoEngine() terminates what has not ended, and retries what failed", async () => {
  await turnSwitches(engine.url, { script: NEVER });
  await submit("gh-1");
  expect((await put("gh-1", "retry")).status).toBe(400);
  expect((await put("gh-1", "terminate")).status).toBe(200);
  await until("it failed", async () => (await phaseOf("gh-1")) === "Failed");
  expect((await put("gh-1", "terminate")).status).toBe(500);
  expect((await put("gh-1", "retry")).json.status).toMatchObject({ phase: "Running" });
  expect((await put("none", "stop")).status).toBe(404);
});

test("ArgoRuns keeps runs and versions over a SIGKILL", async () => {
  const child = await EngineProcess.start({ engine: "argo", file: newFile() });
  try {
    await turnSwitches(child.url, { script: { steps: [{ state: "running", after_ms: 200 }] } });
    const before = (await submit("gh-1", child.url)).json.metadata.resourceVersion;
    await child.kill();
    await child.start();
    expect((await submit("gh-1", child.url)).status).toBe(409);
    await until("it runs", async () => (await runsOf<KeptRun>(child.url))[0]?.history.length === 2);
    const [run] = await runsOf<KeptRun>(child.url);
    await fetch(`${child.url}/_test/anew`, { method: "POST", body: "{}" });
    await child.kill();
    await child.start();
    expect((await runsOf<KeptRun>(child.url))[0]!.history.map(({ version }) => version)).toEqual([1, 2]);
    expect(run!.history.map(({ phase }) => phase)).toEqual(["", "Running"]);
    expect(run!.history[1]!.version).toBeGreaterThan(Number(before));
  } finally {
    await child.stop();
  }
});
