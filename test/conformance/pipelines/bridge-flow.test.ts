import type { RunningMesh } from "@gatehouse/runtime";
import { putDue, retryRun } from "@gatehouse/store";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { contractOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import { until } from "../../harness/until.ts";
import { type Bridge, ends, GOES_ON, SUBMIT, setupBridge } from "./bridge.fixture.ts";

let bridge: Bridge;
let running: RunningMesh;
beforeAll(async () => {
  bridge = await setupBridge();
  running = await bridge.run();
});
afterEach(async () => {
  expect(await bridge.faults()).toEqual([]);
});
afterAll(async () => {
  await running.stop();
  await bridge.stop();
});

const statuses = async (request_id: string, last?: string) =>
  (await bridge.told(request_id, last)).map(({ status }) => status);
const deadLetters = async () => (await bridge.world.bus.stream("DEAD_LETTERS")).messages;

/** The time passes after which such work of a run is due. */
async function timePasses(kind: string, key: string): Promise<void> {
  await until(`${kind} of ${key} is due`, async () => {
    const passed = "update due set due_at_ms = 0 where kind = $1 and key = $2 returning 1";
    return (await bridge.world.db.query(passed, [kind, key])).length > 0;
  });
}

test.each([
  ["unknown", { pipeline: "tea", parameters: {} }, "UNKNOWN_PIPELINE", "pipelines.catalogue.tea must be configured"],
  ["not-there", { pipeline: "tts", parameters: {} }, "UNKNOWN_PIPELINE", "pipelines.catalogue.tts.pipeline_id"],
  ["bad", { pipeline: "batch-inference", parameters: { limit: 0 } }, "BAD_PARAMETERS", "parameters.limit must be >= 1"],
  ["odd", { pipeline: 7 }, "SCHEMA_VIOLATION", "pipeline must be text"],
])("what is wrong with a trigger is its status: %s", async (request_id, trigger, code, message) => {
  await bridge.publish("ai.pipeline.trigger", { request_id, ...trigger });
  const told = await bridge.told(request_id);
  expect(told).toMatchObject([{ seq: 0, status: "error", code, retryable: false, run_id: null }]);
  expect(told[0]!.message).toContain(message);
});

test("a trigger that is repeated is one run, and one of something else under its name is given up", async () => {
  await bridge.script("argo", ends("succeeded"));
  const before = await deadLetters();
  for (let i = 0; i < 3; i++) await bridge.trigger("again", "argo", { limit: 1 });
  expect((await statuses("again")).at(-1)).toBe("succeeded");
  await bridge.trigger("again", "argo", { limit: 2 });
  await until("it is given up", async () => (await deadLetters()) === before + 1);
  expect(await bridge.made("argo", "again")).toBe(1);
});

test("a cancel that comes before its trigger is kept: nothing is run", async () => {
  await bridge.publish("ai.pipeline.cancel", { request_id: "early" });
  await until("it is kept", async () => {
    const kept = await bridge.world.db.query("select 1 from pipeline_cancels where request_id = 'early'");
    return kept.length > 0;
  });
  await bridge.trigger("early", "argo");
  expect(await statuses("early", "cancelled")).toContain("cancelled");
  expect(await bridge.made("argo", "early")).toBe(0);
});

test("whoever cancels what is not there is told so, however many do, and holds up no other cancel", async () => {
  await bridge.script("argo", GOES_ON);
  await bridge.trigger("real", "argo");
  await statuses("real", "running");
  const nobody = Array.from({ length: 70 }, (_, i) => `nobody-${i}`);
  await Promise.all(nobody.map((request_id) => bridge.publish("ai.pipeline.cancel", { request_id })));
  await bridge.publish("ai.pipeline.cancel", { request_id: "real" });
  expect((await statuses("real")).at(-1)).toBe("cancelled");
  for (const request_id of nobody)
    expect(await bridge.told(request_id)).toMatchObject([{ status: "error", code: "UNKNOWN_REQUEST" }]);
});

test("a run that was cancelled, and that a late submit makes all the same, is ended when Argo tells of it", async () => {
  await bridge.script("argo", GOES_ON);
  await bridge.trigger("watched-for", "argo");
  await statuses("watched-for", "running");
  await bridge.fail("argo", { kind: "late", late_ms: 1_500 }, 1);
  await bridge.fail("argo", { kind: "cut_before" }, 100);
  await bridge.trigger("too-late", "argo");
  await until("nobody knows", async () => (await bridge.found("too-late")).doubts > 0);
  await bridge.publish("ai.pipeline.cancel", { request_id: "too-late" });
  expect(await statuses("too-late")).toEqual(["cancelled"]);
  await until("it is there, and ended", async () => (await bridge.ended("argo", "too-late")) === 1);
  await turnSwitches(bridge.engines.argo.url, { faults: [] });
  await bridge.publish("ai.pipeline.cancel", { request_id: "watched-for" });
  expect((await statuses("watched-for")).at(-1)).toBe("cancelled");
});

test("while an engine is away its runs wait, others go on, and they are made once when it is back", async () => {
  await Promise.all([bridge.script("argo", ends("succeeded")), bridge.script("kubeflow", ends("succeeded"))]);
  await bridge.engines.argo.kill();
  const waiting = ["away-1", "away-2", "away-3", "away-4"];
  for (const id of waiting) await bridge.trigger(id, "argo");
  await bridge.trigger("beside", "kubeflow");
  expect((await statuses("beside")).at(-1)).toBe("succeeded");
  await until("it is told", () => running.readiness()[0]!.reasons.some(({ message }) => message.startsWith("argo: ")));
  await until("nobody doubts it", async () => (await bridge.found("away-4")).posted_at_ms === null);
  await bridge.publish("ai.pipeline.cancel", { request_id: "away-4" });
  expect(await statuses("away-4")).toEqual(["cancelled"]);
  await bridge.engines.argo.start();
  for (const id of waiting.slice(0, 3)) {
    expect((await statuses(id)).at(-1)).toBe("succeeded");
    expect(await bridge.made("argo", id)).toBe(1);
  }
  expect(await bridge.made("argo", "away-4")).toBe(0);
});

test.each([401, 403])("a token that is refused with %i is told, and not tried again by itself", async (status) => {
  await bridge.script("argo", ends("succeeded"));
  await bridge.fail("argo", { kind: "status", status }, status === 401 ? 2 : 1);
  const request_id = `refused-${status}`;
  await bridge.trigger(request_id, "argo");
  expect(await bridge.told(request_id)).toMatchObject([
    { status: "error", code: "ENGINE_UNAUTHORIZED", retryable: false, message: expect.stringContaining("token") },
  ]);
  await turnSwitches(bridge.engines.argo.url, { faults: [] });
  expect(await bridge.world.db.transaction((tx) => retryRun(tx, request_id))).toBe("retried");
  expect((await statuses(request_id, "succeeded"))[0]).toBe("error");
  expect(await bridge.found(request_id)).toMatchObject({ state: "succeeded", attempt: 2 });
  expect(await bridge.made("argo", request_id)).toBe(1);
});

test.each([
  ["busy", { kind: "status", status: 429, retry_after_s: 1 }],
  ["cut", { kind: "cut_before" }],
  ["applied", { kind: "applied_status", status: 500 }],
  ["strange", { kind: "malformed" }],
  ["late", { kind: "late", late_ms: 300 }],
] as const)("a run is made once where a submit is %s", async (request_id, fault) => {
  await bridge.script("argo", ends("succeeded"));
  await bridge.fail("argo", fault);
  await bridge.trigger(request_id, "argo");
  expect((await statuses(request_id)).at(-1)).toBe("succeeded");
  expect(await bridge.made("argo", request_id)).toBe(1);
});

test("a run whose submit was cut off after it was made is looked for, and not submitted again", async () => {
  await bridge.script("argo", ends("succeeded"));
  const submits = async () => (await contractOf(bridge.engines.argo.url)).requests[SUBMIT.argo] ?? 0;
  const before = await submits();
  await bridge.fail("argo", { kind: "cut_after" });
  await bridge.trigger("looked-for", "argo");
  expect((await statuses("looked-for")).at(-1)).toBe("succeeded");
  expect(await submits()).toBe(before + 1);
});

test("a run that its engine made, and that is told to be refused, is ended there", async () => {
  await bridge.script("argo", GOES_ON);
  const look = { operation: "WorkflowService_GetWorkflow", count: 2, fault: { kind: "status", status: 401 } } as const;
  await turnSwitches(bridge.engines.argo.url, { faults: [look] });
  await bridge.fail("argo", { kind: "cut_after" });
  await bridge.trigger("made-in-doubt", "argo");
  expect(await bridge.told("made-in-doubt")).toMatchObject([{ status: "error", code: "ENGINE_UNAUTHORIZED" }]);
  await until("it is ended", async () => (await bridge.ended("argo", "made-in-doubt")) === 1);
});

test("an end that is refused is asked for again", async () => {
  await bridge.script("argo", GOES_ON);
  await bridge.trigger("not-yet", "argo");
  await statuses("not-yet", "running");
  const operation = "WorkflowService_TerminateWorkflow";
  await turnSwitches(bridge.engines.argo.url, {
    faults: [{ operation, count: 1, fault: { kind: "status", status: 400 } }],
  });
  await bridge.publish("ai.pipeline.cancel", { request_id: "not-yet" });
  await until("it was refused", async () => {
    const later = "select 1 from due where kind = 'cancel' and key = 'not-yet' and due_at_ms > now_ms() + 10000";
    return (await bridge.world.db.query(later)).length > 0;
  });
  await timePasses("cancel", "not-yet");
  expect((await statuses("not-yet")).at(-1)).toBe("cancelled");
});

test("a run that vanishes is looked for twice, then told to be gone; tried again, it is made anew", async () => {
  await bridge.script("argo", GOES_ON);
  await bridge.trigger("gone", "argo");
  await statuses("gone", "running");
  const { run_name } = await bridge.found("gone");
  await fetch(`${bridge.engines.argo.url}/_test/vanish`, { method: "POST", body: JSON.stringify({ name: run_name }) });
  await timePasses("vanished", "gone");
  expect((await bridge.told("gone")).at(-1)).toMatchObject({ status: "error", code: "RUN_VANISHED", retryable: true });
  await bridge.script("argo", ends("succeeded"));
  await bridge.world.db.transaction((tx) => retryRun(tx, "gone"));
  expect((await statuses("gone", "succeeded")).at(-1)).toBe("succeeded");
  expect(await bridge.made("argo", "gone")).toBe(2);
});

test("a run of which later versions were heard is told to have ended when it is looked for", async () => {
  const { db } = bridge.world;
  await bridge.script("argo", GOES_ON);
  await bridge.trigger("anew", "argo");
  await statuses("anew", "running");
  await db.query("update pipeline_runs set version = 1000000000 where request_id = 'anew'");
  const { run_name: name, run_id, namespace } = await bridge.found("anew");
  const at = `${bridge.engines.argo.url}/api/v1/workflows/${namespace}/${name}/terminate`;
  expect((await fetch(at, { method: "PUT", body: JSON.stringify({ name, namespace }) })).status).toBe(200);
  await until("it has ended", async () => (await bridge.ended("argo", "anew")) === 1);
  const due = { service: "pipeline-bridge", kind: "vanished", key: "anew", due_at_ms: 0, payload: { run_id } };
  await putDue(db, due);
  expect((await statuses("anew")).at(-1)).toBe("failed");
});

test("a run that takes longer than its pipeline may is ended, and has failed", async () => {
  await bridge.script("argo", GOES_ON);
  await bridge.publish("ai.pipeline.trigger", { request_id: "slow", pipeline: "model-evaluation", parameters: {} });
  await statuses("slow", "running");
  await timePasses("timeout", "slow");
  expect((await bridge.told("slow")).at(-1)).toMatchObject({ status: "failed", code: "RUN_TIMEOUT" });
});
