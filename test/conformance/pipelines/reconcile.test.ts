import { Engines, reconcile } from "@gatehouse/pipeline-bridge";
import type { DueContext } from "@gatehouse/runtime";
import { noteDoubt } from "@gatehouse/store";
import { expect, test } from "vitest";
import { contractOf } from "../../harness/engines/engine-client.ts";
import { type Bench, type OldRun, useKubeflow } from "./kubeflow-bench.fixture.ts";

const setup = useKubeflow();
const PACE = { away_least_ms: 3_600_000, away_most_ms: 3_600_000 };

const old = (run_id: string, age_ms: number): OldRun => ({ request_id: "r-1", run_id, age_ms });

/** A run of ours that its engine has twice, and about which somebody was in doubt. */
async function doubted() {
  const bench = await setup([old("ours", 9_000), old("second", 6_000)]);
  await bench.ask();
  await bench.record((await bench.take())!, { run_id: "ours" });
  await noteDoubt(bench.db, "r-1", 0);
  return bench;
}

/** One look of a process that has these engines. */
async function look({ db, signal }: Bench, engines: Engines) {
  const [due] = await db.query<{ key: string; version: number; payload: unknown }>(
    "update due set due_at_ms = 0 where kind = 'reconcile' returning key, version, payload",
  );
  const stage = (_: string, work: () => Promise<unknown>) => work();
  const log = { warn: () => {} };
  const context = { db, due, engines, settle_ms: 0, stage, signal, log };
  return reconcile(due!.payload, context as unknown as DueContext<Parameters<typeof reconcile>[1]>);
}

const isDueLater = async ({ db }: Bench) =>
  (await db.query("select 1 from due where kind = 'reconcile' and due_at_ms > 0")).length === 1;

test("reconcile() ends what is there twice, and looks again", async () => {
  const bench = await doubted();
  await look(bench, new Engines([bench.engine], PACE));
  expect(await bench.lasting()).toEqual(["ours"]);
  expect(await isDueLater(bench)).toBe(true);
});

test("reconcile() of a process without the engine leaves the run to one that has it", async () => {
  const bench = await doubted();
  await look(bench, new Engines([], PACE));
  expect(await isDueLater(bench)).toBe(true);
});

test("reconcile() leaves an engine alone that is away, and not one that fails about this run", async () => {
  const bench = await doubted();
  const engines = new Engines([bench.engine], PACE);
  await bench.fail("RunService_ListRuns", { kind: "status", status: 500 });
  await expect(look(bench, engines)).rejects.toMatchObject({ code: "ENGINE_AWAY" });
  await bench.fail("RunService_ListRuns", { kind: "status", status: 429, retry_after_s: 60 });
  await expect(look(bench, engines)).rejects.toMatchObject({ code: "ENGINE_BUSY" });
  const { requests } = await contractOf(bench.url);
  expect(await look(bench, engines)).toMatchObject({ kind: "retry" });
  expect((await contractOf(bench.url)).requests).toEqual(requests);
  expect(requests).toMatchObject({ RunService_ListRuns: 2 });
});
