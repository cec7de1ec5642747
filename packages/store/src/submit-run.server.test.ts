import { expect, test } from "vitest";
import { cancelRun } from "./cancel-run.ts";
import { tellWaiting } from "./open-runs.ts";
import { nameOf, newRun, useRuns } from "./pipeline-runs.fixture.ts";
import { findRun } from "./pipeline-runs.ts";
import { adoptRun, endUnplaced, postAgain, postponeRun, recordSubmitted } from "./submit-run.ts";
import { takeInRun } from "./take-in-run.ts";

const setup = useRuns();
const PLACED = { run_id: "id-1", timeout_s: 60 };
const REFUSED = { code: "ENGINE_REFUSED", message: "no such template", retryable: false };

test("takeInRun() writes a run down once", async () => {
  const { db, due } = await setup();
  expect(await takeInRun(db, newRun("r-1"))).toBe("waiting");
  const same = { ...newRun("r-1"), parameters: { names: ["a", "b"], limit: 3 } };
  expect(await takeInRun(db, same)).toBe("known");
  expect(await takeInRun(db, { ...newRun("r-1"), parameters: { limit: 4 } })).toBe("reused");
  expect(await takeInRun(db, { ...newRun("r-1"), pipeline: "other" })).toBe("reused");
  expect(await due()).toEqual([]);
  expect(await findRun(db, "r-1")).toMatchObject({ state: "waiting", attempt: 1, epoch: 0, parameters: { limit: 3 } });
});

test("takeInRun() tells what is wrong with a run that is refused, and submits nothing", async () => {
  const { db, due, told } = await setup();
  const refused = { code: "UNKNOWN_PIPELINE", message: "no such pipeline", retryable: false };
  expect(await takeInRun(db, newRun("r-1", { engine: null, refused }))).toBe("refused");
  expect([await due(), await told("r-1")]).toEqual([["tell r-1"], ["0 error"]]);
  expect(await findRun(db, "r-1")).toMatchObject({ state: "error", error: refused, message: "no such pipeline" });
});

test("a run that was cancelled before it came ends when it comes", async () => {
  const { db, due, told } = await setup();
  expect(await db.transaction((tx) => cancelRun(tx, "r-1"))).toBe("unknown");
  expect(await takeInRun(db, newRun("r-1"))).toBe("cancelled");
  expect([await due(), await told("r-1")]).toEqual([["tell r-1"], ["0 cancelled"]]);
});

test("takeRuns() gives the oldest first, none that is in hand, and whoever had one before can note nothing more", async () => {
  const { db, take } = await setup();
  for (const id of ["r-1", "r-2", "r-3"]) await takeInRun(db, newRun(id));
  const [first] = await take(1);
  expect(first).toMatchObject({ request_id: "r-1", doubtful_since_ms: null, epoch: 1 });
  const others = await take(16, { except: ["r-1"] });
  expect(others.map(({ request_id }) => request_id)).toEqual(["r-2", "r-3"]);
  const [again] = await take(1);
  expect(again).toMatchObject({ request_id: "r-1", doubtful_since_ms: first!.posted_at_ms, epoch: 2 });
  expect(await recordSubmitted(db, first!, PLACED)).toBe(false);
  expect(await recordSubmitted(db, again!, PLACED)).toBe(true);
  expect(await recordSubmitted(db, again!, PLACED)).toBe(false);
});

test("takeRuns() keeps to each pipeline's rate without holding up others, and a run that is tried again is counted once", async () => {
  const { db, take } = await setup();
  for (const id of ["r-1", "r-2", "r-3"]) await takeInRun(db, newRun(id));
  await takeInRun(db, newRun("r-4", { pipeline: "other" }));
  const per_min = { "batch-inference": 2 };
  const taken = await take(16, { per_min });
  expect(taken.map(({ request_id }) => request_id)).toEqual(["r-1", "r-2", "r-4"]);
  await postponeRun(db, taken[0]!, { not_before_ms: null, doubtful_since_ms: null });
  const again = await take(16, { per_min, except: ["r-2", "r-4"] });
  expect(again.map(({ request_id }) => request_id)).toEqual(["r-1"]);
});

test("takeRuns() in turn gives the one that was taken least often", async () => {
  const { db, take } = await setup();
  for (const id of ["r-1", "r-2"]) await takeInRun(db, newRun(id));
  const turns: string[] = [];
  for (let i = 0; i < 4; i++) turns.push((await take(1, { in_turn: true }))[0]!.request_id);
  expect(turns).toEqual(["r-1", "r-2", "r-1", "r-2"]);
});

test("tellWaiting() says why runs wait, of that engine, once", async () => {
  const { db, submit } = await setup();
  await submit("r-1");
  await takeInRun(db, newRun("r-2"));
  await takeInRun(db, newRun("r-3", { engine: "kubeflow" }));
  const why = "pipelines.argo must be configured";
  expect([await tellWaiting(db, "argo", why), await tellWaiting(db, "argo", why)]).toEqual([1, 0]);
  expect(await findRun(db, "r-2")).toMatchObject({ state: "waiting", message: why, epoch: 0 });
});

test("recordSubmitted() has the run ended in time, and its status told", async () => {
  const { db, take, due, told } = await setup();
  await takeInRun(db, newRun("r-1"));
  const [run] = await take();
  await recordSubmitted(db, run!, PLACED);
  expect(await due()).toEqual(["tell r-1", "timeout r-1"]);
  expect(await told("r-1")).toEqual(["0 submitted"]);
  expect(await findRun(db, "r-1")).toMatchObject({ state: "submitted", run_id: "id-1", posted_at_ms: null });
});

test("adoptRun() takes what an engine tells of a run that was asked for, and of no other", async () => {
  const { db, take } = await setup();
  await takeInRun(db, newRun("r-1"));
  const named = { run_name: nameOf("r-1"), engine: "argo" };
  expect(await adoptRun(db, named, PLACED)).toBe(false);
  const [run] = await take();
  expect(await adoptRun(db, { ...named, engine: "kubeflow" }, PLACED)).toBe(false);
  expect(await adoptRun(db, named, PLACED)).toBe(true);
  expect(await recordSubmitted(db, run!, PLACED)).toBe(false);
});

test("a run that waits is cancelled at once where no engine can have it, else when that is known", async () => {
  const { db, take, told, due } = await setup();
  for (const id of ["r-1", "r-2", "r-3"]) await takeInRun(db, newRun(id));
  const cancel = (request_id: string) => db.transaction((tx) => cancelRun(tx, request_id));
  expect(await cancel("r-1")).toBe("cancelled");
  const [second, third] = await take();
  expect([await cancel("r-2"), await cancel("r-3"), await cancel("r-1")]).toEqual(["asked", "asked", "ended"]);
  expect(await postAgain(db, second!)).toBeNull();
  await postponeRun(db, second!, { not_before_ms: null, doubtful_since_ms: null });
  await recordSubmitted(db, third!, PLACED);
  expect([await told("r-1"), await told("r-2"), await told("r-3")]).toEqual([
    ["0 cancelled"],
    ["0 cancelled"],
    ["0 submitted"],
  ]);
  expect(await due()).toContain("cancel r-3");
});

test("endUnplaced() ends a run with what was wrong, unless another has it", async () => {
  const { db, take, told } = await setup();
  await takeInRun(db, newRun("r-1"));
  const [run] = await take();
  await endUnplaced(db, { ...run!, epoch: 0 }, REFUSED);
  expect(await told("r-1")).toEqual([]);
  await endUnplaced(db, run!, REFUSED);
  expect(await told("r-1")).toEqual(["0 error"]);
  expect(await findRun(db, "r-1")).toMatchObject({ state: "error", error: REFUSED, posted_at_ms: null });
});

test("endUnplaced() has somebody look at once after a run that its engine may have", async () => {
  const { db, take, due } = await setup();
  await takeInRun(db, newRun("r-1"));
  const [run] = await take();
  await endUnplaced(db, run!, REFUSED, run!.posted_at_ms);
  expect(await due()).toEqual(["reconcile r-1", "tell r-1"]);
  const [row] = await db.query(
    "select payload ->> 'doubted_at_ms' = due_at_ms::text as is_now from due where kind = 'reconcile'",
  );
  expect(row).toEqual({ is_now: true });
});
