import { retryRun } from "@gatehouse/store";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { applyLate, runsOf } from "../../harness/engines/engine-client.ts";
import { type KeptRun, stateOf } from "../../harness/engines/kubeflow-runs.ts";
import type { Fault } from "../../harness/engines/switches.ts";
import { until } from "../../harness/until.ts";
import { type Bridge, ends, GOES_ON, setupBridge } from "./bridge.fixture.ts";

let bridge: Bridge;
beforeAll(async () => {
  bridge = await setupBridge();
  await bridge.script("kubeflow", GOES_ON);
});
afterEach(async () => {
  expect(await bridge.faults()).toEqual([]);
});
afterAll(() => bridge.stop());

/** Is applied when the test says so. */
const LATE: Fault = { kind: "late", late_ms: 3_600_000 };
const comesLate = () => applyLate(bridge.engines.kubeflow.url);

/** Runs of one name, and the ids of those that nobody asked to end. */
async function namesakes(request_id: string): Promise<{ made: number; lasting: string[] }> {
  const { run_name } = await bridge.found(request_id);
  const runs = (await runsOf<KeptRun>(bridge.engines.kubeflow.url)).filter(
    ({ given }) => given.display_name === run_name,
  );
  const lasting = runs.filter((run) => run.terminate_asked_at_ms === null).map((run) => run.run_id);
  return { made: runs.length, lasting };
}

async function oneIsKept(request_id: string): Promise<void> {
  await until("two were made and one is kept", async () => {
    const { made, lasting } = await namesakes(request_id);
    return made === 2 && lasting.length === 1;
  });
  expect((await namesakes(request_id)).lasting).toEqual([(await bridge.found(request_id)).run_id]);
}

async function endsOnce(request_id: string): Promise<void> {
  await bridge.publish("ai.pipeline.cancel", { request_id });
  const told = await bridge.told(request_id);
  expect(told.map(({ seq }) => seq)).toEqual(told.map((_, at) => at));
  expect(told.map(({ status }) => status).filter((status) => status !== "pending")).toEqual([
    "submitted",
    "running",
    "cancelled",
  ]);
}

test("of two runs that were made as a post came late one is kept, and told once", async () => {
  await bridge.fail("kubeflow", LATE);
  const running = await bridge.run();
  await bridge.trigger("late", "kubeflow");
  await bridge.told("late", "running");
  await comesLate();
  await oneIsKept("late");
  await endsOnce("late");
  await running.stop();
});

test("one is kept when the bridge dies after it ended the other, as many did before", async () => {
  await bridge.fail("kubeflow", LATE);
  const first = await bridge.run();
  await bridge.trigger("late-kept", "kubeflow");
  await bridge.told("late-kept", "running");
  await first.stop();
  await comesLate();
  await bridge.world.db.query(
    "update due set due_at_ms = 0, crashes = 10 where kind = 'reconcile' and key = 'late-kept'",
  );
  await bridge.dieAfter("keep");
  const heir = await bridge.run();
  await oneIsKept("late-kept");
  await endsOnce("late-kept");
  await heir.stop();
});

test("a run that was cancelled while nobody knew is told so once, and one that comes late is ended", async () => {
  await bridge.fail("kubeflow", LATE);
  const running = await bridge.run();
  await bridge.trigger("unwanted", "kubeflow");
  await until("it is in doubt", async () => (await bridge.found("unwanted"))?.doubts > 0);
  await bridge.publish("ai.pipeline.cancel", { request_id: "unwanted" });
  expect((await bridge.told("unwanted")).map(({ status }) => status)).toEqual(["cancelled"]);
  await comesLate();
  await until("the late one was ended", async () => {
    const { made, lasting } = await namesakes("unwanted");
    return made === 1 && lasting.length === 0;
  });
  await running.stop();
});

test("a run that was posted in vain ten times is told so, and one that comes late is ended", async () => {
  await bridge.fail("kubeflow", LATE);
  const running = await bridge.run();
  await bridge.trigger("in-vain", "kubeflow");
  await until("it is in doubt", async () => (await bridge.found("in-vain"))?.doubts > 0);
  await bridge.world.db.query("update pipeline_runs set doubts = 10 where request_id = 'in-vain'");
  expect(await bridge.told("in-vain")).toMatchObject([{ status: "error", code: "ENGINE_IN_DOUBT", retryable: true }]);
  await comesLate();
  await until("the late one was ended", async () => {
    const { made, lasting } = await namesakes("in-vain");
    return made === 1 && lasting.length === 0;
  });
  await running.stop();
});

test("a run that is polled and vanishes is told to be gone", async () => {
  const running = await bridge.run();
  await bridge.trigger("vanishes", "kubeflow");
  await bridge.told("vanishes", "running");
  const { run_id } = await bridge.found("vanishes");
  const vanish = { method: "POST", body: JSON.stringify({ run_id }) };
  await fetch(`${bridge.engines.kubeflow.url}/_test/vanish`, vanish);
  expect((await bridge.told("vanishes")).at(-1)).toMatchObject({ status: "error", code: "RUN_VANISHED" });
  await running.stop();
});

test("a run that Kubeflow cannot read is asked to go on when it is tried again", async () => {
  const { url } = bridge.engines.kubeflow;
  const running = await bridge.run();
  await bridge.script("kubeflow", ends("failed"));
  await bridge.trigger("unread", "kubeflow");
  await bridge.told("unread", "failed");
  const { run_id } = await bridge.found("unread");
  await bridge.script("kubeflow", GOES_ON);
  await fetch(`${url}/_test/spoil`, { method: "POST", body: JSON.stringify({ run_id, how: "unread" }) });
  await bridge.world.db.transaction((tx) => retryRun(tx, "unread"));
  const state = async () => stateOf((await runsOf<KeptRun>(url)).find((run) => run.run_id === run_id)!);
  await until("it goes on", async () => (await state()) === "RUNNING");
  await running.stop();
});
