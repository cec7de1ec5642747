import { expect, test } from "vitest";
import { leaseOf, onCard, stateOf, waiterFor } from "./card.fixture.ts";
import { Silence } from "./silence.ts";

const leased = (until_ms: number, holder = "other") => stateOf({ leases: [leaseOf("a", { holder, until_ms })] });

/** Looks once a second for so long. */
function lookFor(silence: Silence, s: number, until_ms: number, from_s = 0): void {
  for (let i = 0; i <= s; i++) silence.look(leased(until_ms), (from_s + i) * 1_000);
}

test("Silence counts from when a holder was first seen until it renews", () => {
  const silence = new Silence({ look_ms: 1_000, self: "me" });
  lookFor(silence, 14, 5);
  expect([silence.longest(), silence.longerThan(14_500)]).toEqual([14_000, []]);
  silence.look(leased(5), 14_500);
  expect(silence.longerThan(14_500)).toEqual(["other"]);
  silence.look(leased(6), 15_000);
  expect(silence.longest()).toBe(0);
});

test("Silence takes any change for a sign of life, also to an earlier time: no clocks are compared", () => {
  const silence = new Silence({ look_ms: 1_000, self: "me" });
  lookFor(silence, 10, 9_000);
  silence.look(leased(1), 11_000);
  expect(silence.longest()).toBe(0);
});

test("Silence does not count the time in which the broker did not answer", () => {
  const silence = new Silence({ look_ms: 1_000, self: "me" });
  lookFor(silence, 5, 1);
  silence.look(leased(1), 65_000);
  expect(silence.longest()).toBe(5_000 + 2_000);
});

test("Silence hears what it is told unasked, but counts no silence by it", () => {
  const silence = new Silence({ look_ms: 1_000, self: "me" });
  silence.look(leased(1), 0);
  silence.look(leased(1), 900, { unasked: true });
  expect(silence.longest()).toBe(0);
  silence.look(leased(2), 900, { unasked: true });
  silence.look(leased(2), 1_000);
  expect(silence.longest()).toBe(100);
});

test("Silence knows holders by all that they have, forgets who has nothing, and leaves out itself", () => {
  const silence = new Silence({ look_ms: 1_000, self: "me" });
  const state = stateOf({
    models: { a: onCard(1, { state: "loading", by: { holder: "loader", until_ms: 1 } }) },
    leases: [leaseOf("a", { holder: "me" }), leaseOf("a", { holder: "user" })],
    waiters: [waiterFor("a", { holder: "waiter" })],
  });
  for (const at_ms of [0, 1_000]) silence.look(state, at_ms);
  expect(silence.longerThan(1_000).sort()).toEqual(["loader", "user", "waiter"]);
  silence.look(stateOf({}), 2_000);
  expect(silence.longest()).toBeNull();
});

test("Silence goes on from what others counted and wrote, as long as it is about the same renewal", () => {
  const written = { ...leased(5), silences: [{ holder: "other", until_ms: 5, silent_ms: 9_000 }] };
  const silence = new Silence({ look_ms: 1_000, self: "me" });
  for (const at_ms of [0, 1_000]) silence.look(written, at_ms);
  expect(silence.counted()).toEqual([{ holder: "other", until_ms: 5, silent_ms: 10_000 }]);
  silence.look({ ...written, leases: leased(6).leases }, 2_000);
  expect(silence.counted()).toEqual([{ holder: "other", until_ms: 6, silent_ms: 0 }]);
});

test("Silence counts no time twice that is in what others wrote", () => {
  const silence = new Silence({ look_ms: 1_000, self: "me" });
  lookFor(silence, 5, 1);
  const written = { ...leased(1), silences: [{ holder: "other", until_ms: 1, silent_ms: 5_900 }] };
  silence.look(written, 5_900, { unasked: true });
  silence.look(written, 6_000);
  expect(silence.longest()).toBe(6_000);
});

test("Silence is news when it is long, and much more than is written", () => {
  const silence = new Silence({ look_ms: 1_000, self: "me" });
  const limits = { from_ms: 5_000, more_ms: 2_000 };
  lookFor(silence, 4, 1);
  expect(silence.isNews(leased(1), limits)).toBe(false);
  lookFor(silence, 2, 1, 5);
  const silences = (silent_ms: number) => ({
    ...leased(1),
    silences: [{ holder: "other", until_ms: 1, silent_ms }],
  });
  expect([silence.isNews(leased(1), limits), silence.isNews(silences(5_000), limits)]).toEqual([true, true]);
  expect(silence.isNews(silences(5_100), limits)).toBe(false);
});
