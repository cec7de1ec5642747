import { expect, test } from "vitest";
import { until } from "../../harness/until.ts";
import { openWatches, watch } from "./argo-watcher.fixture.ts";
import { clientOf, GET, LIST, placed, setup, signal, WATCH } from "./argo-world.fixture.ts";

const RUNNING = [{ state: "running", after_ms: 0 }];
const DONE = [{ state: "succeeded", after_ms: 0 }];
const MODEL = { artifacts: [{ name: "model", uri: "s3://b/m" }] };
const TERMINATE = "WorkflowService_TerminateWorkflow";

test("watch() tells what ended and what went while it heard nothing, and could not go on where it was", async () => {
  const { argo, server, script, submit, becomes, control } = await setup();
  await script(RUNNING);
  await submit("gh-1");
  await submit("gh-2");
  const seen = watch(argo, ["gh-1", "gh-2"]);
  await seen.is("gh-1", "running");
  await seen.is("gh-2", "running");
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await control("end_watch", { how: "silence" });
  await argo.cancel(placed("gh-1"), { signal });
  await becomes("gh-1", "failed");
  await control("vanish", { name: "gh-2" });
  await control("fail_watch", { http_code: 400 });
  await seen.is("gh-1", "failed");
  await until("the other is gone", () => seen.gone.includes("gh-2"));
});

test("watch() that cannot be opened tells how all are before it throws", async () => {
  const { argo, script, submit, becomes, fail } = await setup();
  await script(DONE);
  await submit("gh-1");
  await becomes("gh-1", "succeeded");
  await fail(WATCH, { kind: "status", status: 403 });
  const seen = watch(argo, ["gh-1", "gh-2"]);
  await expect(seen.over).rejects.toMatchObject({ code: "ENGINE_UNAUTHORIZED" });
  expect([seen.statuses("gh-1"), seen.gone]).toEqual([["succeeded"], ["gh-2"]]);
});

test("watch() looks by itself as long as Argo says nothing in it", async () => {
  const { argo, server, script, submit, control } = await setup();
  await script(RUNNING);
  await submit("gh-1");
  const seen = watch(clientOf(server.url, { pace: { recheck_ms: 20 } }), ["gh-1"]);
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await control("end_watch", { how: "silence" });
  await seen.is("gh-1", "running");
  await argo.cancel(placed("gh-1"), { signal });
  await seen.is("gh-1", "failed");
});

test("watch() goes on where an Argo was put back, and its versions began anew", async () => {
  const { server, script, submit, control } = await setup();
  await script(RUNNING);
  await submit("gh-1");
  const seen = watch(clientOf(server.url, { pace: { recheck_ms: 20, relist_ms: 20 } }), ["gh-1"]);
  await seen.is("gh-1", "running");
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  const [before] = seen.runs;
  await control("anew");
  await until("it was told anew", () => seen.runs.at(-1)!.version < before!.version);
  await submit("gh-2");
  await seen.is("gh-2", "running");
});

test("watch() has a run looked for that is open although its end was told", async () => {
  const { server, script, submit, becomes } = await setup();
  await script(DONE);
  await submit("gh-1");
  await becomes("gh-1", "succeeded");
  const seen = watch(clientOf(server.url, { pace: { recheck_ms: 20 } }), ["gh-1"]);
  await until("it is looked for", () => seen.gone.includes("gh-1"));
  expect(seen.statuses("gh-1")).toEqual(["succeeded"]);
});

test("watch() goes on when a run cannot be had, and tells its end when it can, or as it is listed", async () => {
  const { server, script, submit, fail } = await setup();
  const [names, skipped]: [string[], string[]] = [[], []];
  const client = clientOf(server.url, { pace: { recheck_ms: 20 }, skipped: ({ message }) => skipped.push(message) });
  const seen = watch(client, names);
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await script(DONE, MODEL);
  await fail(GET, { kind: "status", status: 503 }, 3);
  await submit("gh-1");
  names.push("gh-1");
  await seen.is("gh-1", "succeeded");
  expect(seen.runs.at(-1)!.artifacts).toEqual(MODEL.artifacts);
  expect(skipped).toEqual([expect.stringContaining("503")]);
  await fail(GET, { kind: "status", status: 403 }, 1_000);
  await submit("gh-2");
  names.push("gh-2", "gh-3");
  await seen.is("gh-2", "succeeded");
  expect(seen.runs.at(-1)!.artifacts).toEqual([]);
  await until("the third is gone", () => seen.gone.includes("gh-3"));
});

test("watch() throws when neither a run nor a list can be had", async () => {
  const { argo, server, script, submit, fail } = await setup();
  const seen = watch(argo, ["gh-1"]);
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await fail(GET, { kind: "status", status: 503 }, 3);
  await fail(LIST, { kind: "status", status: 503 });
  await script(DONE);
  await submit("gh-1");
  await expect(seen.over).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});

test("find(), cancel() and submit() take a 404 for Argo's only when Argo says so itself", async () => {
  const { argo, script, submit, fail } = await setup();
  await fail("WorkflowService_SubmitWorkflow", { kind: "proxy", status: 404 });
  await expect(submit()).rejects.toMatchObject({ code: "ENGINE_AWAY" });
  await script(RUNNING);
  await submit();
  await fail(GET, { kind: "proxy", status: 404 }, 3);
  await expect(argo.find("gh-1", "ai", { signal })).rejects.toMatchObject({ code: "ENGINE_AWAY" });
  await fail(TERMINATE, { kind: "proxy", status: 404 });
  await expect(argo.cancel(placed("gh-1"), { signal })).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});

test("watch() leaves an Argo in front of which something answers every watch with a page", async () => {
  const { argo, fail } = await setup();
  await fail(WATCH, { kind: "malformed" });
  await expect(watch(argo, ["gh-1"]).over).rejects.toMatchObject({ code: "ENGINE_ANSWER_MALFORMED" });
});
