import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { KeptRun } from "../../harness/engines/argo-runs.ts";
import { runsOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import type { Fault } from "../../harness/engines/switches.ts";
import { clientOf, GET, newFile, newRun, placed, SUBMIT, setup, signal, template } from "./argo-world.fixture.ts";

const NEVER = [{ state: "running", after_ms: 0 }];
const FAILING = [{ state: "failed", after_ms: 0, message: "no room" }];

test("submit() makes a run of a template under the name it is given, with labels that Kubernetes takes", async () => {
  const { server, submit, script } = await setup();
  await script([]);
  const run = await submit();
  expect(run).toMatchObject({ run_name: "gh-1", run_id: "gh-1", status: "pending", message: "", ended_at_ms: null });
  expect((await runsOf<KeptRun>(server.url))[0]!.given).toEqual({
    name: "gh-1",
    namespace: "ai",
    template: "batch-inference",
    labels: { "app.kubernetes.io/managed-by": "gatehouse", "gatehouse/pipeline": "batch-inference" },
    annotations: { "gatehouse/request-id": "_r-1", "gatehouse/pipeline": "batch-inference" },
    parameters: [
      { name: "model", value: "yolo=26" },
      { name: "top_k", value: "5" },
      { name: "of", value: '["a"]' },
    ],
  });
});

test("submit() leaves a pipeline's name out of the labels where it does not fit", async () => {
  const { argo, server } = await setup();
  await argo.submit(newRun("gh-1", { pipeline: `${"p".repeat(70)}-` }), { signal });
  const [run] = await runsOf<KeptRun>(server.url);
  expect(Object.keys(run!.given.labels)).toEqual(["app.kubernetes.io/managed-by"]);
});

test("submit() adopts the run that is there when it is of the same request, and no other", async () => {
  const { argo, server, script, submit } = await setup();
  await script(NEVER);
  const first = await submit();
  expect(await submit()).toMatchObject({ run_name: "gh-1", created_at_ms: first.created_at_ms });
  const other = argo.submit(newRun("gh-1", { request_id: "r-2" }), { signal });
  await expect(other).rejects.toMatchObject({ code: "RUN_NAME_TAKEN", retry: "never" });
  expect(await runsOf(server.url)).toHaveLength(1);
});

test.each<[Fault, string, number]>([
  [{ kind: "cut_after" }, "ENGINE_IN_DOUBT", 1],
  [{ kind: "cut_before" }, "ENGINE_IN_DOUBT", 0],
  [{ kind: "applied_status", status: 504 }, "ENGINE_IN_DOUBT", 1],
  [{ kind: "status", status: 500 }, "ENGINE_IN_DOUBT", 0],
  [{ kind: "malformed" }, "ENGINE_ANSWER_MALFORMED", 1],
  [{ kind: "foreign" }, "ENGINE_ANSWER_MALFORMED", 1],
  [{ kind: "status", status: 503 }, "ENGINE_AWAY", 0],
  [{ kind: "status", status: 401 }, "ENGINE_UNAUTHORIZED", 0],
  [{ kind: "status", status: 403 }, "ENGINE_UNAUTHORIZED", 0],
])("submit() that meets %o is told as %s, and repeated leaves one run", async (fault, code, made) => {
  const { server, fail, submit } = await setup();
  await fail(SUBMIT, fault);
  await expect(submit()).rejects.toMatchObject({ code });
  expect(await runsOf(server.url)).toHaveLength(made);
  expect(await submit()).toMatchObject({ run_name: "gh-1" });
  expect(await runsOf(server.url)).toHaveLength(1);
});

test("submit() tells how long Argo is to be left alone", async () => {
  const { fail, submit } = await setup();
  await fail(SUBMIT, { kind: "status", status: 429, retry_after_s: 3 });
  await expect(submit()).rejects.toMatchObject({ code: "ENGINE_BUSY", retry: "later", retry_after_ms: 3_000 });
});

test.each([
  ["unknown-template", "not found"],
  ["needy-template", "is required"],
])("submit() of %s is refused with Argo's words", async (name, words) => {
  const { argo } = await setup();
  const refused = argo.submit(newRun("gh-1", template(name)), { signal });
  await expect(refused).rejects.toMatchObject({
    code: "ENGINE_REFUSED",
    retry: "never",
    message: expect.stringContaining(words),
  });
});

test("submit() to an engine that is too slow is in doubt, and a late one is adopted", async () => {
  const { server } = await setup();
  await turnSwitches(server.url, { latency_ms: 200 });
  const hasty = clientOf(server.url, { timeout_ms: 100 });
  await expect(hasty.submit(newRun("gh-1"), { signal })).rejects.toMatchObject({ code: "ENGINE_IN_DOUBT" });
  const patient = clientOf(server.url);
  expect(await patient.submit(newRun("gh-1"), { signal })).toMatchObject({ run_name: "gh-1" });
  expect(await runsOf(server.url)).toHaveLength(1);
});

test("submit() goes on with the token that its file holds after a rotation", async () => {
  const file = newFile("token");
  writeFileSync(file, "one");
  const { server, control } = await setup({ token: "one" });
  const client = clientOf(server.url, { token: { file } });
  await client.submit(newRun("gh-1"), { signal });
  await control("token", { token: "two" });
  await expect(client.submit(newRun("gh-2"), { signal })).rejects.toMatchObject({ code: "ENGINE_UNAUTHORIZED" });
  writeFileSync(file, "two\n");
  expect(await client.submit(newRun("gh-2"), { signal })).toMatchObject({ run_name: "gh-2" });
});

test("find() gives a run with its outputs and the places of its artifacts, and none where there is none", async () => {
  const { argo, script, submit, becomes } = await setup();
  const artifacts = [
    { name: "model", uri: "s3://models/a/b" },
    { name: "log", uri: "s3:c" },
    { name: "report", uri: "https://ada:key@reports/1?signature=abc" },
  ];
  await script([{ state: "succeeded", after_ms: 0 }], { outputs: { documents: 12, note: "all" }, artifacts });
  await submit();
  expect(await becomes("gh-1", "succeeded")).toMatchObject({
    outputs: { documents: "12", note: "all" },
    artifacts: [artifacts[0], { name: "log", uri: "s3:///c" }, { name: "report", uri: "https://reports/1" }],
    ended_at_ms: expect.any(Number),
  });
  expect(await argo.find("gh-2", "ai", { signal })).toEqual([]);
});

test("find() leaves out outputs that are too large, says so, and tells of 100 artifacts at most", async () => {
  const { script, submit, becomes } = await setup();
  const artifacts = Array.from({ length: 120 }, (_, i) => ({ name: `a-${i}`, uri: `s3://b/${i}` }));
  await script([{ state: "succeeded", after_ms: 0 }], { outputs: { all: "x".repeat(70_000) }, artifacts });
  await submit();
  const run = await becomes("gh-1", "succeeded");
  expect(run).toMatchObject({ outputs: null, message: expect.stringContaining("65536 bytes") });
  expect(run.artifacts).toHaveLength(100);
});

test("find() tells a run without its nodes where Argo cannot tell them", async () => {
  const { argo, script, submit, becomes, fail } = await setup();
  await script([{ state: "succeeded", after_ms: 0 }], { artifacts: [{ name: "m", uri: "s3://b/m" }] });
  await submit();
  await becomes("gh-1", "succeeded");
  await fail(GET, { kind: "status", status: 500 });
  expect(await argo.find("gh-1", "ai", { signal })).toMatchObject([{ artifacts: [{ name: "m" }] }]);
  await fail(GET, { kind: "status", status: 500 }, 2);
  expect(await argo.find("gh-1", "ai", { signal })).toMatchObject([{ status: "succeeded", artifacts: [] }]);
});

test("cancel() ends a run, and resolves when it had ended", async () => {
  const { argo, script, submit, becomes } = await setup();
  await script(NEVER);
  await submit();
  await argo.cancel(placed("gh-1"), { signal });
  expect(await becomes("gh-1", "failed")).toMatchObject({ message: "Stopped with strategy 'Terminate'" });
  await argo.cancel(placed("gh-1"), { signal });
  await expect(argo.cancel(placed("gh-2"), { signal })).rejects.toMatchObject({ code: "RUN_GONE", retry: "never" });
});

test("cancel() and retry() are not done when Argo failed at it, or changed the run itself at the same time", async () => {
  const { argo, script, submit, becomes, fail } = await setup();
  await script(NEVER);
  await submit();
  await fail("WorkflowService_TerminateWorkflow", { kind: "status", status: 500 });
  await expect(argo.cancel(placed("gh-1"), { signal })).rejects.toMatchObject({ code: "ENGINE_IN_DOUBT" });
  await fail("WorkflowService_TerminateWorkflow", { kind: "status", status: 409 });
  await expect(argo.cancel(placed("gh-1"), { signal })).rejects.toMatchObject({ code: "ENGINE_IN_DOUBT" });
  await argo.cancel(placed("gh-1"), { signal });
  await becomes("gh-1", "failed");
  await fail("WorkflowService_RetryWorkflow", { kind: "status", status: 409 });
  await expect(argo.retry(placed("gh-1"), { signal })).rejects.toMatchObject({ code: "ENGINE_IN_DOUBT" });
});

test("retry() has a failed run go on, and resolves when it went on already", async () => {
  const { argo, script, submit, becomes } = await setup();
  await script(FAILING);
  await submit();
  expect(await becomes("gh-1", "failed")).toMatchObject({ message: "no room" });
  await script(NEVER);
  const again = await argo.retry(placed("gh-1"), { signal });
  expect(again).toMatchObject({ status: "running", ended_at_ms: null });
  expect(await argo.retry(placed("gh-1"), { signal })).toMatchObject({ status: "running", version: again.version });
  await expect(argo.retry(placed("gh-2"), { signal })).rejects.toMatchObject({ code: "RUN_GONE" });
});

test("probe() resolves when an Argo answers to our token", async () => {
  const { argo, control } = await setup();
  await argo.probe(signal);
  await control("token", { token: "one" });
  await expect(argo.probe(signal)).rejects.toMatchObject({ code: "ENGINE_UNAUTHORIZED" });
  await expect(clientOf("http://127.0.0.1:1").probe(signal)).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});
