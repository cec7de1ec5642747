import { expect, test } from "vitest";
import { cardOf, changed, finished, leaseOf, mineOf, onCard, stateOf, waiterFor } from "./card.fixture.ts";
import { asFound } from "./changes.ts";

const card = cardOf({ name: "a", vram_mb: 600 }, { name: "b", vram_mb: 600 });
const claim = (id: string, model: string, own = {}) => ({ id, model, priority: 2, waited_ms: 0, used: false, ...own });
const by = (holder: string, until_ms = 15_000) => ({ holder, until_ms });

test("withMine() enters a claim once, and gives it back when it is no longer claimed", () => {
  const mine = mineOf("me", { claims: [claim("1", "a")] });
  const entered = changed(card, stateOf({ models: { a: onCard(600) } }), mine);
  expect(entered.leases).toEqual([{ id: "1", holder: "me", model: "a", until_ms: 15_000 }]);
  expect(changed(card, entered, mine)).toEqual(entered);
  expect(changed(card, entered, mineOf("me")).leases).toEqual([]);
});

test("withMine() renews everything of its holder, and tells how long it waits and how urgent it is by now", () => {
  const state = stateOf({
    models: { a: onCard(600, { state: "loading", by: by("me", 1) }) },
    leases: [leaseOf("a", { id: "1", holder: "me", until_ms: 1 }), leaseOf("a", { until_ms: 1 })],
    waiters: [waiterFor("b", { id: "2", holder: "me", until_ms: 1 })],
  });
  const claims = [claim("1", "a"), claim("2", "b", { priority: 0, waited_ms: 700 })];
  const { models, leases, waiters } = changed(card, state, mineOf("me", { claims, until_ms: 99 }));
  expect([models.a!.by, leases.map(({ until_ms }) => until_ms)]).toEqual([by("me", 99), [99, 1]]);
  expect(waiters).toEqual([{ id: "2", holder: "me", model: "b", priority: 0, waited_ms: 700, until_ms: 99 }]);
});

test("withMine() frees what the dead claimed, but no memory, and goes on with what they did", () => {
  const state = stateOf({
    models: { a: onCard(600, { state: "unloading", by: by("dead") }), b: onCard(300) },
    leases: [leaseOf("b", { holder: "dead" }), leaseOf("b", { id: "kept" })],
    waiters: [waiterFor("a", { holder: "dead" })],
  });
  const { models, leases, waiters } = changed(card, state, mineOf("me", { dead: ["dead"] }));
  expect(models).toMatchObject({ a: { state: "unloading", vram_mb: 600, by: by("me") }, b: { state: "loaded" } });
  expect([leases.map(({ id }) => id), waiters]).toEqual([["kept"], []]);
});

test("withMine() keeps the longest silence that anybody counted, of those who are there and have not renewed since", () => {
  const state = stateOf({
    models: { a: onCard(600) },
    leases: ["x", "y", "me"].map((holder) => leaseOf("a", { id: holder, holder, until_ms: 7 })),
    silences: [
      { holder: "x", until_ms: 7, silent_ms: 900 },
      { holder: "y", until_ms: 6, silent_ms: 900 },
      { holder: "gone", until_ms: 7, silent_ms: 900 },
    ],
  });
  const silences = ["x", "y"].map((holder) => ({ holder, until_ms: 7, silent_ms: 500 }));
  expect(changed(card, state, mineOf("me", { claims: [claim("me", "a")], silences })).silences).toEqual([
    { holder: "x", until_ms: 7, silent_ms: 900 },
    { holder: "y", until_ms: 7, silent_ms: 500 },
  ]);
});

test("withMine() leaves alone what another holder loads", () => {
  const state = stateOf({ models: { a: onCard(600, { state: "loading", by: by("other") }) } });
  expect(changed(card, state, mineOf("me"))).toEqual(state);
});

test("withMine() hands on what it loads when it resigns", () => {
  const state = stateOf({ models: { a: onCard(600, { state: "loading", by: by("me") }) } });
  expect(changed(card, state, mineOf("me", { resigns: true })).models.a!.by).toBeNull();
});

test("withMine() frees memory when the server has confirmed it, and the next one loads at once", () => {
  const state = stateOf({
    models: { a: onCard(600, { state: "unloading", by: by("me") }) },
    waiters: [waiterFor("b", { holder: "next" })],
  });
  const after = changed(card, state, mineOf("me", { finished: [finished("a", "unloaded")] }));
  expect(after.models).toMatchObject({ b: { state: "loading", by: { holder: "next" } } });
  expect(Object.keys(after.models)).toEqual(["b"]);
});

test("withMine() believes nobody about a load that is no longer theirs", () => {
  const state = stateOf({ models: { a: onCard(600, { state: "loading", by: by("heir") }) } });
  for (const how of ["loaded", "load failed", "unloaded", "unload failed"] as const)
    expect(changed(card, state, mineOf("late", { finished: [finished("a", how, "x")] }))).toEqual(state);
});

test("withMine() unloads after a load that failed, ends all waits for it, and counts its memory until that is confirmed", () => {
  const state = stateOf({
    models: { a: onCard(600, { state: "loading", by: by("me") }) },
    leases: [leaseOf("a", { id: "wait-a", holder: "me" }), leaseOf("a", { id: "2" })],
    waiters: [waiterFor("a", { id: "3" }), waiterFor("b", { id: "4" })],
  });
  const claims = [claim("wait-a", "a"), claim("late", "a")];
  const after = changed(card, state, mineOf("me", { claims, finished: [finished("a", "load failed", "no memory")] }));
  expect(after.models.a).toMatchObject({ state: "unloading", fault: "no memory", vram_mb: 600, by: by("me") });
  expect([after.leases, after.waiters.map(({ id }) => id)]).toEqual([[], ["4"]]);
  const stuck = changed(card, after, mineOf("me", { finished: [finished("a", "unload failed", "no answer")] }));
  expect(stuck.models.a).toMatchObject({ state: "unloading", fault: "no answer" });
});

test("withMine() marks as last used what was used since it last told, after all others, whatever the clocks say", () => {
  const state = stateOf({ models: { a: onCard(300), b: onCard(300, { last_used_ms: 5_000 }) } });
  const leased = (used: boolean) => mineOf("me", { now_ms: 1_000, claims: [claim("1", "a", { used })] });
  expect(changed(card, state, leased(false)).models.a!.last_used_ms).toBe(0);
  expect(changed(card, state, leased(true)).models.a!.last_used_ms).toBe(5_001);
});

test("withMine() unloads what is idle for long, unless somebody has a lease on it", () => {
  const models = { a: onCard(300), b: onCard(300) };
  const after = changed(card, stateOf({ models, leases: [leaseOf("b")] }), mineOf("me", { idle: ["a", "b"] }));
  expect(after.models).toMatchObject({ a: { state: "unloading", by: by("me") }, b: { state: "loaded" } });
});

test("withMine() loads on a hint only where there is room that nobody waits for", () => {
  const hint = mineOf("me", { preload: ["b"] });
  expect(changed(card, stateOf({}), hint).models.b).toMatchObject({ state: "loading", by: by("me") });
  expect(changed(card, stateOf({}), hint).leases).toEqual([]);
  expect(changed(card, stateOf({ models: { a: onCard(600) } }), hint).models.b).toBeUndefined();
  const waited = stateOf({ waiters: [waiterFor("a")] });
  expect(Object.keys(changed(card, waited, hint).models)).toEqual(["a"]);
});

test("withMine() loads again what its server lost", () => {
  const state = stateOf({ models: { a: onCard(600) }, leases: [leaseOf("a")] });
  expect(changed(card, state, mineOf("me", { missing: ["a"] })).models.a).toMatchObject({
    state: "loading",
    by: by("me"),
  });
});

test("asFound() begins with what the servers have, and unloads what may be there without anybody knowing", () => {
  const three = cardOf({ name: "a", vram_mb: 600 }, { name: "b", vram_mb: 300 }, { name: "c", vram_mb: 50 });
  const found = new Map([
    ["a", false],
    ["b", true],
    ["c", null],
  ]);
  const state = asFound(three, found);
  expect(state.models).toEqual({ b: onCard(300), c: onCard(50, { state: "unloading" }) });
  expect(changed(three, state, mineOf("me")).models.c).toMatchObject({ state: "unloading", by: by("me") });
});
