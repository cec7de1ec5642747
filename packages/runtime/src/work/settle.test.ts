import { defineError } from "@gatehouse/errors";
import { expect, test } from "vitest";
import { ack, removed, retry } from "../verdict.ts";
import { type History, NO_HISTORY, type Outcome, SETTLE_DEFAULTS, settle } from "./settle.ts";

const Busy = defineError("BUSY", "later");
const PostgresDown = defineError("POSTGRES_DOWN", "later", { dependency: "postgres" });
const BadInput = defineError("BAD_INPUT", "never");
const NOW_MS = 1_763_700_000_000;
const limits = { ...SETTLE_DEFAULTS, give_up_after_ms: 60_000, watches: (name: string) => name === "postgres" };

const settleAt = (outcome: Outcome, history: Partial<History> = {}) =>
  settle(outcome, { ...NO_HISTORY, ...history }, limits, NOW_MS);
const threw = (error: unknown): Outcome => ({ kind: "threw", error });
const said = (verdict: unknown) => ({ kind: "verdict", verdict }) as Outcome;

test("settle() is done with ack", () => {
  expect(settleAt(said(ack), { failures: 4, laters: 3 })).toEqual({ kind: "done" });
});

test("settle() is done with a row that went in the handler's own transaction", () => {
  expect(settleAt(said(removed))).toEqual({ kind: "done", is_removed: true });
});

test("settle() tries again after retry's time, at most 30 s, and counts no failure", () => {
  expect(settleAt(said(retry({ afterMs: 700 })))).toMatchObject({ kind: "again", delay_ms: 700, counts: "later" });
  expect(settleAt(said(retry({ afterMs: 90_000 })))).toMatchObject({ kind: "again", delay_ms: 30_000 });
});

test("settle() backs off from an error later about the message, or waits as long as the error says", () => {
  const busy = threw(new Busy("busy"));
  const delays = [0, 1, 2, 6, 40].map((laters) => settleAt(busy, { laters }));
  expect(delays.map((again) => again.kind === "again" && again.delay_ms)).toEqual([500, 1_000, 2_000, 30_000, 30_000]);
  const told = settleAt(threw(new Busy("busy", { retry_after_ms: 1_234 })), { laters: 9 });
  expect(told).toMatchObject({ kind: "again", delay_ms: 1_234, counts: "later", code: "BUSY" });
});

test("settle() gives up what was refused for give_up_after_ms, whatever asked for another try", () => {
  const first_refused_at_ms = NOW_MS - 60_000;
  expect(settleAt(threw(new Busy("busy")), { first_refused_at_ms })).toMatchObject({ kind: "dead", code: "BUSY" });
  expect(settleAt(said(retry({ afterMs: 1 })), { first_refused_at_ms })).toMatchObject({ kind: "dead", code: "RETRY" });
  const early = settleAt(threw(new Busy("busy")), { first_refused_at_ms: NOW_MS - 59_999 });
  expect(early).toMatchObject({ kind: "again" });
});

test("settle() pauses for a dependency that is watched, however often the message failed", () => {
  const down = threw(new PostgresDown("down"));
  const history = { failures: 4, laters: 90, first_refused_at_ms: 0 };
  expect(settleAt(down, history)).toMatchObject({ kind: "pause", dependency: "postgres" });
});

test("settle() takes a dependency that nobody watches as the message's own trouble", () => {
  const unknown = settle(threw(new PostgresDown("down")), NO_HISTORY, { ...limits, watches: () => false }, NOW_MS);
  expect(unknown).toMatchObject({ kind: "again", counts: "later", delay_ms: 500 });
});

test("settle() gives up an error never at once", () => {
  const dead = settleAt(threw(new BadInput("torn")));
  expect(dead).toEqual({ kind: "dead", code: "BAD_INPUT", message: "torn" });
});

test("settle() tries a bug again with back-off and gives it up at the fifth failure", () => {
  const bug = threw(new TypeError("x is not a function"));
  const delays = [0, 1, 2, 3].map((failures) => settleAt(bug, { failures }));
  expect(delays.map((again) => again.kind === "again" && [again.delay_ms, again.counts])).toEqual(
    [1_000, 2_000, 4_000, 8_000].map((delay_ms) => [delay_ms, "failure"]),
  );
  expect(settleAt(bug, { failures: 4 })).toMatchObject({ kind: "dead", code: "INTERNAL" });
});

test("settle() takes anything but a verdict as a bug", () => {
  for (const wrong of [undefined, null, true, { kind: "done" }, retry({ afterMs: Number.NaN })])
    expect(settleAt(said(wrong))).toMatchObject({ kind: "again", counts: "failure", code: "INTERNAL" });
});

test("settle() lets go at once, counting nothing, what the service stopped", () => {
  expect(settleAt({ kind: "stopped" })).toMatchObject({ kind: "again", delay_ms: 0, counts: "nothing" });
});
