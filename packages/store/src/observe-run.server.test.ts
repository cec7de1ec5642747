import { expect, test } from "vitest";
import { cancelRun, markTimedOut } from "./cancel-run.ts";
import { forgetOld } from "./forget-old.ts";
import { endLost, observeRun } from "./observe-run.ts";
import { openRuns, placesOfRuns } from "./open-runs.ts";
import { newRun, seen, useRuns } from "./pipeline-runs.fixture.ts";
import { findRun, listRuns } from "./pipeline-runs.ts";
import { markStatusTold, untoldStatuses } from "./pipeline-statuses.ts";
import { recordNotRetried, recordRetried, retryRun } from "./retry-run.ts";
import { endUnplaced, recordSubmitted } from "./submit-run.ts";
import { takeInRun } from "./take-in-run.ts";

const setup = useRuns();
const GONE = { code: "RUN_VANISHED", message: "gone", retryable: true };

test("observeRun() tells every change once, in order, and nothing that is not newer", async () => {
  const { db, submit, told } = await setup();
  await submit("r-1");
  const see = (status: "pending" | "running" | "succeeded" | "failed", version: number) =>
    observeRun(db, seen("r-1", { status, version }));
  expect(await see("running", 5)).toMatchObject({ state: "running", has_moved: true });
  expect(await see("running", 5)).toBeNull();
  expect(await see("pending", 4)).toBeNull();
  expect(await see("pending", 6)).toMatchObject({ state: "running", has_moved: false });
  expect(await see("succeeded", 7)).toMatchObject({ state: "succeeded", has_moved: true });
  expect(await see("failed", 8)).toBeNull();
  expect(await told("r-1")).toEqual(["0 submitted", "1 running", "2 succeeded"]);
});

test("observeRun() tells each change once when many see it at the same time", async () => {
  const { db, submit, told } = await setup();
  await submit("r-1");
  const changes = [2, 3, 4, 5].flatMap((version) =>
    Array.from({ length: 4 }, () => seen("r-1", { status: version < 5 ? "running" : "failed", version })),
  );
  await Promise.all(changes.map((change) => observeRun(db, change)));
  const statuses = await told("r-1");
  expect(statuses.at(-1)).toMatch(/failed$/);
  expect(statuses.map((status) => status.split(" ")[0])).toEqual(statuses.map((_, i) => String(i)));
  expect(new Set(statuses.map((status) => status.split(" ")[1])).size).toBe(statuses.length);
});

test("observeRun() keeps results and links with the end, and drops what was due of it", async () => {
  const { db, submit, due } = await setup();
  await submit("r-1");
  const artifacts = [{ name: "report", uri: "s3://a/b" }];
  const end = seen("r-1", {
    status: "succeeded",
    version: 3,
    outputs: { rows: 7 },
    artifacts,
    started_at_ms: 11,
    ended_at_ms: 12,
  });
  await observeRun(db, end);
  const [, told] = await untoldStatuses(db, "r-1");
  expect(told).toMatchObject({
    status: "succeeded",
    pipeline: "batch-inference",
    engine: "argo",
    outputs: { rows: 7 },
    artifacts,
  });
  expect(await findRun(db, "r-1")).toMatchObject({ started_at_ms: 11, ended_at_ms: 12, error: null });
  expect(await due()).not.toContain("timeout r-1");
  expect(await openRuns(db, "argo", "ai")).toEqual([]);
});

test("a run that was to end is cancelled when it did not succeed, and one that took too long has failed", async () => {
  const { db, submit } = await setup();
  for (const id of ["r-1", "r-2", "r-3"]) await submit(id);
  for (const id of ["r-1", "r-2"]) expect(await db.transaction((tx) => cancelRun(tx, id))).toBe("asked");
  expect([await markTimedOut(db, "r-3"), await markTimedOut(db, "r-9")]).toEqual([true, false]);
  await observeRun(db, seen("r-1", { status: "failed", version: 2 }));
  await observeRun(db, seen("r-2", { status: "succeeded", version: 2 }));
  await observeRun(db, seen("r-3", { status: "failed", version: 2 }));
  expect(await findRun(db, "r-1")).toMatchObject({ state: "cancelled", error: null });
  expect(await findRun(db, "r-2")).toMatchObject({ state: "succeeded" });
  expect(await findRun(db, "r-3")).toMatchObject({ state: "failed", error: { code: "RUN_TIMEOUT" } });
});

test("endLost() ends a run that vanished; tried again it is submitted", async () => {
  const { db, submit, told, take } = await setup();
  await submit("r-1");
  expect(await endLost(db, { request_id: "r-1", attempt: 2 }, GONE)).toBeNull();
  expect(await endLost(db, { request_id: "r-1", attempt: 1 }, GONE)).toBe("error");
  expect(await db.transaction((tx) => retryRun(tx, "r-1"))).toBe("retried");
  expect(await told("r-1")).toEqual(["0 submitted", "1 error"]);
  expect(await take()).toMatchObject([{ request_id: "r-1", attempt: 2, doubtful_since_ms: null, run_id: null }]);
});

test("retryRun() has the engine go on with a run that failed there, and believes no end before it does", async () => {
  const { db, submit, told, due } = await setup();
  await submit("r-1");
  const retry = () => db.transaction((tx) => retryRun(tx, "r-1"));
  expect(await retry()).toBe("refused");
  await observeRun(db, seen("r-1", { status: "failed", version: 2 }));
  expect(await retry()).toBe("retried");
  expect(await due()).toContain("retry r-1");
  expect(await observeRun(db, seen("r-1", { status: "failed", version: 3 }))).toBeNull();
  await recordRetried(db, { request_id: "r-1", attempt: 2 }, 60);
  await observeRun(db, seen("r-1", { status: "running", version: 4 }));
  await observeRun(db, seen("r-1", { status: "succeeded", version: 5 }));
  expect(await told("r-1")).toEqual(["0 submitted", "1 failed", "2 submitted", "3 running", "4 succeeded"]);
  expect([await retry(), await db.transaction((tx) => retryRun(tx, "r-9"))]).toEqual(["refused", "unknown"]);
});

test("observeRun() believes an engine that counts anew after a restore: a run that is made again, and an end that is sure", async () => {
  const { db, submit, take, told } = await setup();
  for (const id of ["r-1", "r-2"]) await submit(id);
  await observeRun(db, seen("r-1", { status: "running", version: 900 }));
  await observeRun(db, seen("r-2", { status: "running", version: 900 }));
  const end = seen("r-1", { status: "failed", version: 7 });
  expect(await observeRun(db, end)).toBeNull();
  expect(await observeRun(db, { ...end, sure_of_attempt: 2 })).toBeNull();
  expect(await observeRun(db, { ...end, sure_of_attempt: 1 })).toMatchObject({ state: "failed", has_moved: true });
  await endLost(db, { request_id: "r-2", attempt: 1 }, GONE);
  await db.transaction((tx) => retryRun(tx, "r-2"));
  const [again] = await take();
  await recordSubmitted(db, again!, { run_id: again!.run_name, timeout_s: 60 });
  await observeRun(db, seen("r-2", { status: "running", version: 3 }));
  expect(await told("r-2")).toEqual(["0 submitted", "1 running", "2 error", "3 submitted", "4 running"]);
});

test("retryRun() keeps when the run ended until its engine goes on with it", async () => {
  const { db, submit } = await setup();
  await submit("r-1");
  await observeRun(db, seen("r-1", { status: "failed", version: 2, ended_at_ms: 12 }));
  await db.transaction((tx) => retryRun(tx, "r-1"));
  expect(await findRun(db, "r-1")).toMatchObject({ state: "submitted", retrying: true, ended_at_ms: 12 });
  await recordRetried(db, { request_id: "r-1", attempt: 2 }, 60);
  expect(await findRun(db, "r-1")).toMatchObject({ state: "submitted", retrying: false, ended_at_ms: null });
});

test("retryRun() refuses a run whose parameters were refused when it came, and were not kept", async () => {
  const { db, take } = await setup();
  const refused = { code: "BAD_PARAMETERS", message: "limit must be >= 1", retryable: false };
  await takeInRun(db, newRun("r-1", { parameters: {}, refused }));
  await takeInRun(db, newRun("r-2"));
  const [later] = await take();
  await endUnplaced(db, later!, refused);
  const retry = (id: string) => db.transaction((tx) => retryRun(tx, id));
  expect([await retry("r-1"), await retry("r-2")]).toEqual(["refused", "retried"]);
  expect(await placesOfRuns(db)).toEqual({ waiting: ["argo"], open: ["argo/ai"] });
});

test("recordNotRetried() tells why the engine does not go on", async () => {
  const { db, submit, told } = await setup();
  await submit("r-1");
  await observeRun(db, seen("r-1", { status: "failed", version: 2 }));
  await db.transaction((tx) => retryRun(tx, "r-1"));
  await recordNotRetried(db, { request_id: "r-1", attempt: 2 }, GONE);
  expect(await told("r-1")).toEqual(["0 submitted", "1 failed", "2 submitted", "3 error"]);
});

test("listRuns() gives the newest first, page by page, of one pipeline or state", async () => {
  const { db, submit } = await setup();
  for (const id of ["r-1", "r-2"]) await submit(id);
  await takeInRun(db, newRun("r-3", { pipeline: "other" }));
  const ids = async (filter: object) =>
    (await listRuns(db, { limit: 10, ...filter })).items.map((run) => run.request_id);
  expect([await ids({ pipeline: "other" }), await ids({ state: "submitted" })]).toEqual([["r-3"], ["r-2", "r-1"]]);
  const first = await listRuns(db, { limit: 2 });
  expect(first.items.map((run) => run.request_id)).toEqual(["r-3", "r-2"]);
  expect(await ids({ cursor: first.next_cursor })).toEqual(["r-1"]);
});

test("forgetOld() forgets runs that ended and were told of, with their statuses", async () => {
  const { db, submit, told } = await setup();
  for (const id of ["r-1", "r-2"]) await submit(id);
  await observeRun(db, seen("r-1", { status: "succeeded", version: 2 }));
  const later_ms = Date.now() + 60_000;
  const forget = async () => (await forgetOld(db, { runs_before_ms: later_ms }, 100)).runs;
  expect(await forget()).toBe(0);
  for (const status of await untoldStatuses(db, "r-1")) await markStatusTold(db, status, 7);
  expect(await forget()).toBe(1);
  expect([await findRun(db, "r-1"), await told("r-1"), await told("r-2")]).toEqual([null, [], ["0 submitted"]]);
});
