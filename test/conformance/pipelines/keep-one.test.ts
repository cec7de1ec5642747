import { keepOne } from "@gatehouse/pipeline-bridge";
import { cancelRun, moveToRun, runStatuses } from "@gatehouse/store";
import { expect, test } from "vitest";
import { applyLate } from "../../harness/engines/engine-client.ts";
import { until } from "../../harness/until.ts";
import { type Bench, CREATE, LIST, type OldRun, useKubeflow } from "./kubeflow-bench.fixture.ts";

const setup = useKubeflow();

const old = (run_id: string, age_ms: number, own: Partial<OldRun> = {}): OldRun => ({
  request_id: "r-1",
  run_id,
  age_ms,
  ...own,
});

/** A run of ours that its engine has under an id. */
async function placed(bench: Bench, run_id: string): Promise<void> {
  await bench.ask();
  await bench.record((await bench.take())!, { run_id });
}

const keep = async ({ db, engine, signal, run }: Bench) => keepOne(await run(), { db, engine, signal });
const told = async ({ db }: Bench) => (await runStatuses(db, "r-1")).map(({ status }) => status);

test("keepOne() ends the younger ones", async () => {
  const bench = await setup([old("ours", 9_000), old("second", 6_000), old("third", 3_000)]);
  await placed(bench, "ours");
  expect(await keep(bench)).toEqual({ found: 3, ended: ["second", "third"], moved_to: null });
  expect(await bench.lasting()).toEqual(["ours"]);
  await until(
    "they have ended",
    async () => Object.values(await bench.states()).join() === "PENDING,CANCELED,CANCELED",
  );
  expect(await keep(bench)).toEqual({ found: 3, ended: [], moved_to: null });
});

test("keepOne() moves to an older one, and tells no status twice", async () => {
  const bench = await setup([old("older", 9_000), old("ours", 3_000)]);
  await placed(bench, "ours");
  expect(await keep(bench)).toEqual({ found: 2, ended: ["ours"], moved_to: "older" });
  expect(await bench.run()).toMatchObject({ run_id: "older", state: "submitted", version: 0 });
  expect(await told(bench)).toEqual(["submitted"]);
  expect(await bench.lasting()).toEqual(["older"]);
});

test("keepOne() goes on when the one before died after it moved", async () => {
  const bench = await setup([old("older", 9_000), old("ours", 3_000)]);
  await placed(bench, "ours");
  await moveToRun(bench.db, { request_id: "r-1", from: "ours", to: "older" });
  expect(await keep(bench)).toEqual({ found: 2, ended: ["ours"], moved_to: null });
});

test("keepOne() goes on when the one before died after it ended one of two", async () => {
  const bench = await setup([old("ours", 9_000), old("second", 6_000), old("third", 3_000)]);
  await placed(bench, "ours");
  await bench.engine.cancel({ run_name: "", run_id: "second", namespace: "ml" }, bench);
  await until("it has ended", async () => (await bench.states()).second === "CANCELED");
  expect(await keep(bench)).toMatchObject({ ended: ["third"] });
  expect(await bench.lasting()).toEqual(["ours"]);
});

test("keepOne() has the older one ended as well when ours was to end", async () => {
  const bench = await setup([old("older", 9_000), old("ours", 3_000)]);
  await placed(bench, "ours");
  await bench.db.transaction((tx) => cancelRun(tx, "r-1"));
  await bench.db.query("delete from due");
  await keep(bench);
  expect(await bench.run()).toMatchObject({ run_id: "older" });
  expect(await bench.due()).toEqual(["cancel"]);
});

test("keepOne() keeps ours among runs of one second", async () => {
  const bench = await setup([old("a", 0), old("b", 0), old("c", 0)]);
  await placed(bench, "b");
  await keep(bench);
  expect(await bench.lasting()).toEqual(["b"]);
});

test("keepOne() keeps ours when it has ended already, and ends the others", async () => {
  const bench = await setup([old("older", 9_000), old("ours", 3_000, { state: "SUCCEEDED" })]);
  await placed(bench, "ours");
  await bench.db.query("update pipeline_runs set state = 'succeeded', ended_at_ms = now_ms()");
  expect(await keep(bench)).toEqual({ found: 2, ended: ["older"], moved_to: null });
  expect(await bench.run()).toMatchObject({ run_id: "ours", state: "succeeded" });
});

test("keepOne() does not leave ours for an older one that was ended or failed", async () => {
  const before = [old("a", 9_000, { state: "CANCELED" }), old("b", 8_000, { state: "FAILED" }), old("ours", 3_000)];
  const bench = await setup(before);
  await placed(bench, "ours");
  expect(await keep(bench)).toEqual({ found: 3, ended: [], moved_to: null });
});

test("keepOne() ends whatever comes after ours ended before an engine had it", async () => {
  const bench = await setup([old("late", 3_000)]);
  await bench.ask();
  await bench.db.query("update pipeline_runs set state = 'cancelled', ended_at_ms = now_ms()");
  expect(await keep(bench)).toEqual({ found: 1, ended: ["late"], moved_to: null });
});

test("keepOne() ends nothing while the engine does not tell of ours", async () => {
  const bench = await setup([old("other", 3_000)]);
  await placed(bench, "vanished");
  expect(await keep(bench)).toEqual({ found: 1, ended: [], moved_to: null });
});

test("keepOne() ends nothing while ours is submitted", async () => {
  const bench = await setup([old("first", 6_000), old("second", 3_000)]);
  await bench.ask();
  await bench.take();
  expect(await keep(bench)).toEqual({ found: 2, ended: [], moved_to: null });
});

test("keepOne() leaves one of two that were made as the first post came late", async () => {
  const bench = await setup();
  await bench.ask();
  await bench.fail(CREATE, { kind: "late", late_ms: 3_600_000 });
  await bench.submit(20);
  await applyLate(bench.url);
  await until("the late one is there", async () => (await bench.kept()).length === 2);
  await keep(bench);
  const { run_id } = await bench.run();
  expect(await bench.lasting()).toEqual([run_id]);
});

test("keepOne() ends the others where one cannot be ended, and says so", async () => {
  const bench = await setup([old("ours", 9_000), old("second", 6_000), old("third", 3_000)]);
  await placed(bench, "ours");
  await bench.fail("RunService_TerminateRun", { kind: "status", status: 409 });
  await expect(keep(bench)).rejects.toMatchObject({ code: "ENGINE_REFUSED" });
  expect(await bench.lasting()).toEqual(["ours", "second"]);
});

test("keepOne() changes nothing when the engine cannot be asked", async () => {
  const bench = await setup([old("ours", 9_000), old("second", 6_000)]);
  await placed(bench, "ours");
  await bench.fail(LIST, { kind: "status", status: 500 });
  await expect(keep(bench)).rejects.toMatchObject({ code: "ENGINE_AWAY", retry: "later" });
  expect(await bench.lasting()).toEqual(["ours", "second"]);
});
