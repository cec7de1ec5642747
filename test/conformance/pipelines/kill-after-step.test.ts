import { retryRun, takeInRun } from "@gatehouse/store";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { contractOf } from "../../harness/engines/engine-client.ts";
import { until } from "../../harness/until.ts";
import { type Bridge, ends, GOES_ON, idle, setupBridge } from "./bridge.fixture.ts";

let bridge: Bridge;
beforeAll(async () => {
  bridge = await setupBridge();
});
afterEach(async () => {
  expect(await bridge.faults()).toEqual([]);
});
afterAll(() => bridge.stop());

/** Another bridge, until the test is over. */
async function goOn(): Promise<void> {
  const heir = await bridge.run();
  onTestFinished(() => heir.stop());
}

/** Each change once, in order, and nothing but that on the stream. */
async function toldOnce(request_id: string): Promise<string[]> {
  const told = await bridge.told(request_id);
  await idle(bridge, request_id);
  expect(told.map(({ seq }) => seq)).toEqual(told.map((_, i) => i));
  expect(new Set(told.map(({ status }) => status)).size).toBe(told.length);
  const { messages } = await bridge.world.bus.stream("AI_PIPELINE");
  const published = await bridge.world.db.query("select 1 from pipeline_statuses where published_seq is not null");
  const [unpublished] = await bridge.world.db.query<{ count: number }>(
    "select count(*) as count from pipeline_statuses where published_seq is null",
  );
  expect(unpublished!.count).toBe(0);
  expect(messages - asked).toBe(published.length);
  return told.map(({ status }) => status);
}
/** Triggers and cancels on the same stream. */
let asked = 0;

const STEPS = [
  "intake", // after the row
  "check", // after it was taken
  "submit", // after the engine's answer, before the row
  "record",
  "observe", // after the status row, before it is published
  "publish", // before that is noted
];

test("each trigger is one run on argo, told once, when bridge after bridge dies, each after another step", async () => {
  await bridge.script("argo", ends("succeeded"));
  for (const step of STEPS) {
    await bridge.trigger(`argo-${step}`, "argo");
    asked++;
    await bridge.dieAfter(step);
  }
  await goOn();
  for (const step of STEPS) {
    await bridge.told(`argo-${step}`);
    await idle(bridge, `argo-${step}`);
  }
  for (const step of STEPS) {
    const statuses = await toldOnce(`argo-${step}`);
    expect([statuses[0], statuses.at(-1)]).toEqual(["submitted", "succeeded"]);
    expect(await bridge.made("argo", `argo-${step}`)).toBe(1);
  }
}, 120_000);

test("a trigger is one run on kubeflow, told once, when the bridge dies after it was submitted", async () => {
  await bridge.script("kubeflow", ends("succeeded"));
  await bridge.trigger("kubeflow-submit", "kubeflow");
  asked++;
  await bridge.dieAfter("submit");
  await goOn();
  const statuses = await toldOnce("kubeflow-submit");
  expect([statuses[0], statuses.at(-1)]).toEqual(["submitted", "succeeded"]);
  expect(await bridge.made("kubeflow", "kubeflow-submit")).toBe(1);
});

test("a trigger is one run when the connection is cut after it was made, and the bridge dies then", async () => {
  await bridge.script("argo", ends("succeeded"));
  await bridge.fail("argo", { kind: "cut_after" });
  await bridge.trigger("cut", "argo");
  asked++;
  await bridge.dieAfter("submit");
  await goOn();
  await toldOnce("cut");
  expect(await bridge.made("argo", "cut")).toBe(1);
});

test("a run is cancelled once when the bridge dies after its engine was told", async () => {
  await bridge.script("argo", GOES_ON);
  const request_id = "cancelled";
  await bridge.trigger(request_id, "argo");
  const first = await bridge.run();
  await bridge.told(request_id, "running");
  await first.stop();
  await bridge.publish("ai.pipeline.cancel", { request_id });
  asked += 2;
  await bridge.dieAfter("end");
  await goOn();
  expect((await toldOnce(request_id)).at(-1)).toBe("cancelled");
});

test("a bridge that dies with the runs that it watches is followed by one that tells their ends", async () => {
  await bridge.script("argo", GOES_ON);
  const request_id = "watched";
  await bridge.trigger(request_id, "argo");
  asked++;
  await bridge.dieAfter("mark");
  await until("it is submitted", async () => (await bridge.found(request_id)).state !== "waiting");
  await goOn();
  await bridge.told(request_id, "running");
  await bridge.publish("ai.pipeline.cancel", { request_id });
  asked++;
  expect((await toldOnce(request_id)).at(-1)).toBe("cancelled");
});

test("a run is tried again once when the bridge dies after its engine had it go on, and it failed once more", async () => {
  await bridge.script("argo", ends("failed"));
  const first = await bridge.run();
  await bridge.trigger("again", "argo");
  asked++;
  await bridge.told("again");
  await idle(bridge, "again");
  await first.stop();
  const retries = async () => (await contractOf(bridge.engines.argo.url)).requests.WorkflowService_RetryWorkflow ?? 0;
  await bridge.world.db.transaction((tx) => retryRun(tx, "again"));
  await bridge.dieAfter("retry");
  expect(await retries()).toBe(1);
  await goOn();
  await until("it has failed again", async () => (await bridge.found("again")).state === "failed");
  expect(await retries()).toBe(1);
});

test("runs whose engine or pipeline is configured no more wait for it, and go on when it is back", async () => {
  await bridge.script("argo", GOES_ON);
  await bridge.trigger("left-open", "argo");
  const first = await bridge.run();
  await bridge.told("left-open", "running");
  await first.stop();
  await bridge.trigger("left-waiting", "argo");
  asked += 2;
  await bridge.dieAfter("intake");
  const { db } = bridge.world;
  const left = { pipeline: "rag-query", engine: "kubeflow", namespace: "ai", parameters: {}, origin: "request" };
  const names = { request_id: "left-unknown", run_name: "gh-left-unknown" };
  await takeInRun(db, { ...left, ...names, refused: null, trace: {} });
  const without = await bridge.run({ GATEHOUSE_PIPELINES__ARGO: "null", GATEHOUSE_PIPELINES__CATALOGUE: "{}" });
  const why = "pipelines.argo must be configured";
  await until("it says why it waits", async () => (await bridge.found("left-waiting")).message.includes(why));
  await until("it says so too", async () => (await bridge.found("left-unknown")).message.includes("pipeline_id must"));
  await until("it is told", () => without.readiness()[0]!.reasons.some(({ message }) => message.includes(why)));
  await bridge.publish("ai.pipeline.cancel", { request_id: "left-open" });
  asked++;
  await until("its end is asked for", async () => (await bridge.found("left-open")).cancelled_at_ms !== null);
  expect(await bridge.found("left-open")).toMatchObject({ state: "running" });
  await without.stop();
  await Promise.all([bridge.script("argo", ends("succeeded")), bridge.script("kubeflow", ends("succeeded"))]);
  await db.query("update pipeline_runs set not_before_ms = null");
  await db.query("update due set due_at_ms = 0 where key in ('left-open', 'argo', 'argo/ai')");
  await goOn();
  expect((await bridge.told("left-open")).at(-1)).toMatchObject({ status: "cancelled" });
  for (const request_id of ["left-waiting", "left-unknown"])
    expect((await bridge.told(request_id)).map(({ status }) => status)).toContain("succeeded");
});
