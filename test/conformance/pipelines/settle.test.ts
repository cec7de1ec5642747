import { cancelRun, endUnplaced, postAgain, retryRun } from "@gatehouse/store";
import { expect, test } from "vitest";
import { contractOf } from "../../harness/engines/engine-client.ts";
import type { Fault } from "../../harness/engines/switches.ts";
import { CREATE, LIST, nameOf, useKubeflow } from "./kubeflow-bench.fixture.ts";

const setup = useKubeflow();
/** Longer than a test. */
const LONG_MS = 3_600_000;

test("settle() posts once where nobody was in doubt, and nobody looks after the run", async () => {
  const { ask, submit, run, kept, due, url } = await setup();
  await ask();
  expect((await submit()).map((each) => each.outcome)).toEqual(["placed"]);
  expect(await kept()).toMatchObject([{ run_id: (await run()).run_id, given: { display_name: nameOf("r-1") } }]);
  expect(await due()).not.toContain("reconcile");
  expect((await contractOf(url)).requests).toEqual({ [CREATE]: 1 });
});

test.each<[Fault, number]>([
  [{ kind: "cut_before" }, 0],
  [{ kind: "cut_after" }, 1],
  [{ kind: "malformed" }, 1],
  [{ kind: "foreign" }, 1],
  [{ kind: "status", status: 500 }, 0],
  [{ kind: "status", status: 503 }, 0],
  [{ kind: "applied_status", status: 500 }, 1],
  [{ kind: "applied_status", status: 504 }, 1],
])("settle() has one run made after %o", async (fault, applied) => {
  const { ask, fail, submit, run, kept, due } = await setup();
  await ask();
  await fail(CREATE, fault);
  const outcomes = (await submit(50)).map((each) => each.outcome);
  expect(outcomes).toEqual(applied ? ["placed"] : ["waits", "placed"]);
  expect(await kept()).toMatchObject([{ run_id: (await run()).run_id }]);
  expect(await due()).toContain("reconcile");
});

test("settle() finds a post that is applied late while it waits", async () => {
  const { ask, fail, take, settle, post, kept } = await setup();
  await ask();
  await fail(CREATE, { kind: "cut_before" });
  expect(await settle((await take())!, LONG_MS)).toMatchObject({ outcome: "waits" });
  const { run_id } = await post();
  expect(await settle((await take())!, LONG_MS)).toMatchObject({ outcome: "placed", run: { run_id } });
  expect(await kept()).toHaveLength(1);
});

test("settle() waits from the post, and looks again before it posts once more", async () => {
  const { ask, fail, take, settle, run } = await setup();
  await ask();
  await fail(CREATE, { kind: "cut_before" });
  const taken = (await take())!;
  const waits = await settle(taken, LONG_MS);
  expect(waits).toMatchObject({ outcome: "waits", why: expect.stringContaining("connection") });
  const { posted_at_ms } = await run();
  const not_before_ms = waits.outcome === "waits" ? waits.not_before_ms : 0;
  expect(not_before_ms).toBeGreaterThanOrEqual(posted_at_ms! + LONG_MS);
  expect(await settle((await take())!, LONG_MS)).toMatchObject({ outcome: "waits" });
});

// What is written down is all that a process leaves that dies between two steps: the next one takes the run again.

test("settle() of whoever comes next has one run made when the one before died after it took the run", async () => {
  const { ask, take, settle, submit, kept } = await setup();
  await ask();
  await take();
  expect(await settle((await take())!, LONG_MS)).toMatchObject({ outcome: "waits" });
  expect(await kept()).toEqual([]);
  expect((await submit()).map((each) => each.outcome)).toEqual(["placed"]);
  expect(await kept()).toHaveLength(1);
});

test("settle() adopts the run when the one before died after it posted", async () => {
  const { ask, take, post, submit, run, kept } = await setup();
  await ask();
  await take();
  const { run_id } = await post();
  expect((await submit(LONG_MS)).map((each) => each.outcome)).toEqual(["placed"]);
  expect(await run()).toMatchObject({ state: "submitted", run_id, posted_at_ms: null });
  expect(await kept()).toHaveLength(1);
});

test("settle() has one run made when the one before died after it was about to post again", async () => {
  const { db, ask, take, settle, submit, kept, due } = await setup();
  await ask();
  await take();
  await postAgain(db, (await take())!);
  expect(await settle((await take())!, LONG_MS)).toMatchObject({ outcome: "waits" });
  expect((await submit()).map((each) => each.outcome)).toEqual(["placed"]);
  expect(await kept()).toHaveLength(1);
  expect(await due()).toContain("reconcile");
});

test("settle() adopts the oldest when two were made by those before", async () => {
  const old = { request_id: "r-1", run_id: "first", age_ms: 5_000 };
  const { ask, take, post, submit, run } = await setup([old]);
  await ask();
  await take();
  await post();
  await submit(LONG_MS);
  expect(await run()).toMatchObject({ run_id: "first" });
});

test("settle() of one that was only paused posts nothing after another has taken the run", async () => {
  const { ask, take, settle, kept } = await setup();
  await ask();
  await take();
  const paused = (await take())!;
  await take();
  expect(await settle(paused)).toEqual({ outcome: "lost" });
  expect(await kept()).toEqual([]);
});

test.each<[Fault, string]>([
  [{ kind: "status", status: 401 }, "ENGINE_UNAUTHORIZED"],
  [{ kind: "status", status: 403 }, "ENGINE_UNAUTHORIZED"],
  [{ kind: "status", status: 409 }, "ENGINE_REFUSED"],
  [{ kind: "status", status: 429, retry_after_s: 3 }, "ENGINE_BUSY"],
])("settle() is in no doubt after %o", async (fault, code) => {
  const { ask, fail, take, settle, due } = await setup();
  await ask();
  await fail(CREATE, fault);
  expect(await settle((await take())!)).toMatchObject({ outcome: "failed", error: { code }, doubtful_since_ms: null });
  expect(await due()).not.toContain("reconcile");
});

test("settle() of a run that is tried again looks for it, and has somebody look after it", async () => {
  const { db, ask, take, post, submit, run, kept, due } = await setup();
  await ask();
  const error = { code: "RUN_VANISHED", message: "it is gone", retryable: true };
  await endUnplaced(db, (await take())!, error);
  await db.transaction((tx) => retryRun(tx, "r-1"));
  const { run_id } = await post();
  await submit();
  expect(await run()).toMatchObject({ run_id, attempt: 2 });
  expect(await kept()).toHaveLength(1);
  expect(await due()).toContain("reconcile");
});

test("settle() gives up a run that was posted ten times while nobody knew, and not one that was looked for as often", async () => {
  const { ask, fail, take, settle, kept, run, url } = await setup();
  await ask();
  await fail(CREATE, { kind: "status", status: 500 }, 100);
  const again = async (settle_ms = 0) => settle((await take())!, settle_ms);
  expect(await again()).toMatchObject({ outcome: "waits" });
  for (let looks = 0; looks < 10; looks++) expect(await again(LONG_MS)).toMatchObject({ outcome: "waits" });
  for (let posts = 1; posts < 10; posts++) expect(await again()).toMatchObject({ outcome: "waits" });
  const { posted_at_ms: doubtful_since_ms } = await run();
  const given_up = { outcome: "failed", error: { code: "ENGINE_IN_DOUBT", retry: "later" }, is_last: true };
  expect(await again()).toMatchObject({ ...given_up, doubtful_since_ms });
  expect((await contractOf(url)).requests[CREATE]).toBe(10);
  expect(await kept()).toEqual([]);
});

test("settle() stays in doubt when it cannot look", async () => {
  const { ask, fail, take, settle, post, submit, kept } = await setup();
  await ask();
  const { posted_at_ms } = (await take())!;
  await post();
  await fail(LIST, { kind: "status", status: 403 });
  expect(await settle((await take())!)).toMatchObject({
    outcome: "failed",
    error: { code: "ENGINE_UNAUTHORIZED" },
    doubtful_since_ms: posted_at_ms,
  });
  await fail(LIST, { kind: "foreign" });
  expect((await submit(LONG_MS)).map((each) => each.outcome)).toEqual(["failed", "placed"]);
  expect(await kept()).toHaveLength(1);
});

test("settle() leaves the mark when it is stopped, and says why it stopped", async () => {
  const { ask, take, settle, run } = await setup();
  await ask();
  const stopped = AbortSignal.abort(new Error("stopped"));
  await expect(settle((await take())!, 0, stopped)).rejects.toThrow("stopped");
  expect((await run()).posted_at_ms).not.toBeNull();
});

test("settle() of a run that was cancelled in doubt looks, waits, looks, and posts nothing", async () => {
  const { db, ask, take, settle, submit, run, kept, url } = await setup();
  await ask();
  await take();
  expect(await db.transaction((tx) => cancelRun(tx, "r-1"))).toBe("asked");
  expect(await settle((await take())!, LONG_MS)).toMatchObject({ outcome: "waits" });
  expect((await submit()).map((each) => each.outcome)).toEqual(["unplaced"]);
  expect(await run()).toMatchObject({ state: "cancelled", run_id: null });
  expect(await kept()).toEqual([]);
  expect((await contractOf(url)).requests).toEqual({ [LIST]: 2 });
});

test("settle() of a run that was cancelled in doubt gives what it finds, which is then to be ended", async () => {
  const { db, ask, take, post, submit, run, due } = await setup();
  await ask();
  await take();
  await db.transaction((tx) => cancelRun(tx, "r-1"));
  const { run_id } = await post();
  await submit(LONG_MS);
  expect(await run()).toMatchObject({ state: "submitted", run_id });
  expect(await due()).toContain("cancel");
});
