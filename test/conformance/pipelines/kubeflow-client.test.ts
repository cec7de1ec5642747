import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { runsOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import type { KeptRun } from "../../harness/engines/kubeflow-runs.ts";
import type { Fault, Script } from "../../harness/engines/switches.ts";
import { until } from "../../harness/until.ts";
import {
  CREATE,
  clientOf,
  LIST,
  NEVER,
  newFile,
  newRun,
  placed,
  signal,
  useKubeflowClient,
} from "./kubeflow-client.fixture.ts";

const FAILING: Script = { steps: [{ state: "failed", after_ms: 0, message: "no room" }] };

const { url, client, submit, turn, fail, spoil, runIs } = useKubeflowClient();

test("submit() sends name, request, version, experiment and typed parameters", async () => {
  const run = await submit("gh-1");
  expect(run).toMatchObject({ run_name: "gh-1", status: "pending", ended_at_ms: null, outputs: null, artifacts: [] });
  const [kept] = await runsOf<KeptRun>(url());
  expect(kept).toMatchObject({
    run_id: run.run_id,
    given: {
      display_name: "gh-1",
      description: "Gatehouse request r-1",
      experiment_id: "e-1@ml",
      pipeline_version_reference: { pipeline_id: "p-1", pipeline_version_id: "v-1" },
      runtime_config: { parameters: newRun("gh-1").parameters },
    },
  });
});

test("find() gives all runs of a name over all pages, oldest first, and no others", async () => {
  const made: string[] = [];
  for (let at = 0; at < 120; at++) made.push((await submit("gh-1")).run_id);
  await submit("gh-2");
  const found = await client().find("gh-1", "ml", { signal });
  expect(found.map((run) => run.run_id).sort()).toEqual(made.sort());
  const times = found.map((run) => run.created_at_ms);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(await client().find("gh-3", "ml", { signal })).toEqual([]);
  expect(await client().find("gh-1", "other", { signal })).toEqual([]);
});

test("find() gives a run that Kubeflow cannot read itself, after those that can be read", async () => {
  const [first, second] = [await submit("gh-1"), await submit("gh-1")];
  await spoil(first, "unread");
  const found = await client().find("gh-1", "ml", { signal });
  expect(found.map((run) => run.run_id)).toEqual([second.run_id, first.run_id]);
  expect(found[1]).toMatchObject({ run_name: "gh-1", status: "pending", message: "Failed to parse runtime config" });
});

test("find() refuses a run that it cannot read, as there may be one", async () => {
  await fail(LIST, { kind: "foreign" });
  await expect(client().find("gh-1", "ml", { signal })).rejects.toMatchObject({ code: "ENGINE_ANSWER_MALFORMED" });
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
  await turnSwitches(url(), { latency_ms: 400 });
  await expect(clientOf(url(), { timeout_ms: 100 }).submit(newRun("gh-1"), { signal })).rejects.toMatchObject({
    code: "ENGINE_IN_DOUBT",
  });
  await turnSwitches(url(), { latency_ms: 0 });
  const nowhere = clientOf("http://127.0.0.1:1").submit(newRun("gh-1"), { signal });
  await expect(nowhere).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});

test("submit() shows a token that was rotated, and no error holds one", async () => {
  const file = newFile("token");
  writeFileSync(file, "one-secret");
  const client = clientOf(url(), { token: { token: { file } } });
  await fetch(`${url()}/_test/token`, { method: "POST", body: JSON.stringify({ token: "two-secret" }) });
  const refused = await client.submit(newRun("gh-1"), { signal }).catch((error: unknown) => String(error));
  expect(refused).toContain("token file");
  expect(refused).not.toContain("secret");
  writeFileSync(file, "two-secret");
  await expect(client.submit(newRun("gh-1"), { signal })).resolves.toMatchObject({ run_name: "gh-1" });
});

test("cancel() ends a run, resolves when it is being ended or had ended, and says when there is none", async () => {
  await turn(NEVER);
  const run = await submit();
  await client().cancel(placed(run), { signal });
  await client().cancel(placed(run), { signal });
  await runIs(run, "cancelled");
  await client().cancel(placed(run), { signal });
  const none = client().cancel({ ...placed(run), run_id: "none" }, { signal });
  await expect(none).rejects.toMatchObject({ code: "RUN_GONE" });
});

test("retry() has a failed run go on, also when it went on already, and says when there is none", async () => {
  await turn(FAILING);
  const run = await submit();
  expect(await runIs(run, "failed")).toMatchObject({ message: "no room" });
  await turn(NEVER);
  expect(await client().retry(placed(run), { signal })).toMatchObject({ status: "running" });
  expect(await client().retry(placed(run), { signal })).toMatchObject({ status: "running" });
  const none = client().retry({ ...placed(run), run_id: "none" }, { signal });
  await expect(none).rejects.toMatchObject({ code: "RUN_GONE" });
});

test("cancel() and retry() take no proxy's word for it that there is no such run", async () => {
  const proxy = createServer((_, response) => response.writeHead(404).end("default backend - 404"));
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void proxy.close());
  const behind = clientOf(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  const run = { run_name: "gh-1", run_id: "r-1", namespace: "ml" };
  await expect(behind.cancel(run, { signal })).rejects.toMatchObject({ code: "ENGINE_AWAY" });
  await expect(behind.retry(run, { signal })).rejects.toMatchObject({ code: "ENGINE_AWAY" });
  await expect(
    behind.watch(
      "ml",
      { open: async () => [run], run: async () => {}, gone: async () => expect.unreachable() },
      { signal },
    ),
  ).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});

test("a run's version rises with every change, also within one second", async () => {
  await turn(NEVER);
  const first = await submit();
  const running = await runIs(first, "running");
  await client().cancel(placed(first), { signal });
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
  await until(`it is ${state}`, async () => (await runsOf<KeptRun>(url()))[0]!.history.at(-1)!.state === state);
  const [found] = await client().find(run.run_name, "ml", { signal });
  expect(found).toMatchObject({ status, message });
});

test("a run that succeeded has its artifacts as links, at most 100, and no outputs beyond 64 KiB", async () => {
  const artifacts = Array.from({ length: 120 }, (_, at) => ({ name: `${"long".repeat(200)}${at}`, uri: "" }));
  await turn({ steps: [{ state: "succeeded", after_ms: 0 }], artifacts });
  const large = await runIs(await submit("gh-1"), "succeeded");
  expect(large.artifacts).toHaveLength(100);
  expect(large.outputs).toBeNull();
  expect(large.message).toBe("its outputs are larger than 65536 bytes and left out");
  await turn({ steps: [{ state: "succeeded", after_ms: 0 }], artifacts: [{ name: "model", uri: "" }] });
  expect(await runIs(await submit("gh-2"), "succeeded")).toMatchObject({
    outputs: { main: { model: ["1"] } },
    artifacts: [{ name: "main.model", uri: `${url()}/#/artifacts/1` }],
  });
});

test("probe() resolves while the engine answers", async () => {
  await client().probe(signal);
  await expect(clientOf("http://127.0.0.1:1").probe(signal)).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});
