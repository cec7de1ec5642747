import type { EngineRun, PlacedRun } from "@gatehouse/pipeline-bridge";
import { expect, test } from "vitest";
import { until } from "../../harness/until.ts";
import { LIST, NEVER, PACE, placed, signal, useKubeflowClient } from "./kubeflow-client.fixture.ts";

const { url, client, submit, turn, fail, spoil, asked, runIs } = useKubeflowClient();

/** What a watch tells, until it is stopped. */
function watch(open: PlacedRun[]) {
  const told = { runs: [] as EngineRun[], gone: [] as string[], unread: [] as string[] };
  const stop = new AbortController();
  const over = client().watch(
    "ml",
    {
      open: async () => open.filter((run) => !told.gone.includes(run.run_id)),
      run: async (run) => void told.runs.push(run),
      gone: async (run) => void told.gone.push(run.run_id),
      unread: (run, why) => void told.unread.push(`${run.run_id} ${why.message}`),
    },
    stop,
  );
  const statuses = (run: EngineRun) =>
    told.runs.filter((each) => each.run_id === run.run_id).map((each) => each.status);
  return { told, statuses, over, stop: () => stopped(stop, over) };
}

async function stopped(stop: AbortController, over: Promise<void>): Promise<void> {
  stop.abort();
  await over;
}

test("watch() tells each open run once at first, then what changes, and nothing twice", async () => {
  await turn(NEVER);
  const runs = [await submit("gh-1"), await submit("gh-2"), await submit("gh-3")];
  const watched = watch(runs.map(placed));
  await until("all are running", () => runs.every((run) => watched.statuses(run).includes("running")));
  await client().cancel(placed(runs[1]!), { signal });
  await until("one is cancelled", () => watched.statuses(runs[1]!).includes("cancelled"));
  await watched.stop();
  for (const { run_id } of runs) {
    const versions = watched.told.runs.filter((each) => each.run_id === run_id).map((each) => each.version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  }
});

test("watch() tells nothing of an answer that is behind what was told", async () => {
  await turn(NEVER);
  const run = await runIs(await submit(), "running");
  const watched = watch([placed(run)]);
  await until("it is running", () => watched.statuses(run).includes("running"));
  await fail(LIST, { kind: "stale" }, 3);
  const before = await asked();
  await until("it was asked about again", async () => (await asked()) > before + 3);
  await watched.stop();
  expect(watched.statuses(run)).toEqual(["running"]);
});

test("watch() notices runs that come later, and tells of one that vanished", async () => {
  await turn(NEVER);
  const open: PlacedRun[] = [];
  const watched = watch(open);
  const run = await submit();
  open.push(placed(run));
  await until("it is told", () => watched.statuses(run).includes("running"));
  await fetch(`${url()}/_test/vanish`, { method: "POST", body: JSON.stringify({ run_id: run.run_id }) });
  await until("it is gone", () => watched.told.gone.includes(run.run_id));
  await watched.stop();
});

test("watch() has a run looked for that stays open although its end was told", async () => {
  const run = await runIs(await submit(), "succeeded");
  const watched = watch([placed(run)]);
  await until("it is to be looked for", () => watched.told.gone.includes(run.run_id));
  expect(watched.statuses(run)).toEqual(["succeeded"]);
  await watched.stop();
});

test("watch() asks about a run that changes nothing less and less often", async () => {
  await turn(NEVER);
  const run = await submit();
  const watched = watch([placed(run)]);
  await until("it is running", () => watched.statuses(run).includes("running"));
  const before = await asked();
  const began_ms = performance.now();
  await until("it was asked about some more", async () => (await asked()) >= before + 8);
  expect(performance.now() - began_ms).toBeGreaterThan(8 * PACE.least_ms * 2);
  await watched.stop();
});

test("watch() ends with the error of an engine that is away", async () => {
  const watched = watch([placed(await submit())]);
  await fail(LIST, { kind: "status", status: 500 }, 100);
  await expect(watched.over).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});

test.each([
  ["unread", "Failed to parse runtime config"],
  ["500", "Failed to get the run"],
] as const)("watch() tells of the others where one is %s, says so once, and goes on with it", async (how, why) => {
  await turn(NEVER);
  const [first, bad, last] = [await submit("gh-1"), await submit("gh-2"), await submit("gh-3")];
  await spoil(bad, how);
  const watched = watch([first, bad, last].map(placed));
  await until("the others are running", () => [first, last].every((run) => watched.statuses(run).includes("running")));
  await client().cancel(placed(last), { signal });
  await until("another's change is told", () => watched.statuses(last).includes("cancelled"));
  expect(watched.told.unread).toEqual([expect.stringMatching(`^${bad.run_id} .*${why}`)]);
  expect(watched.statuses(bad)).toEqual([]);
  await spoil(bad, null);
  await until("it is told", () => watched.statuses(bad).includes("running"));
  await watched.stop();
});
