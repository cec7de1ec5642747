import { expect, test } from "vitest";
import { cardOf, leaseOf, onCard, settled, waiterFor } from "./card.fixture.ts";

const states = ({ state }: ReturnType<typeof settled>) =>
  Object.fromEntries(Object.entries(state.models).map(([name, model]) => [name, model.state]));
const holding = ({ state }: ReturnType<typeof settled>) => state.leases.map(({ id }) => id);
const waiting = ({ state }: ReturnType<typeof settled>) => state.waiters.map(({ id }) => id);

const abc = cardOf({ name: "a", vram_mb: 600 }, { name: "b", vram_mb: 600 }, { name: "c", vram_mb: 300 });

test("settle() gives a lease on a model that is there, also to the second", () => {
  const after = settled(abc, { models: { a: onCard(600) }, leases: [leaseOf("a")], waiters: [waiterFor("a")] });
  expect([holding(after), waiting(after)]).toEqual([["lease-a", "wait-a"], []]);
});

test("settle() has the waiter load a model for which there is room, and counts its memory from then on", () => {
  const after = settled(abc, { waiters: [waiterFor("a"), waiterFor("b", { holder: "late" })] });
  expect(after.state.models).toMatchObject({ a: { state: "loading", vram_mb: 600, by: { holder: "h" } } });
  expect([holding(after), waiting(after)]).toEqual([["wait-a"], ["wait-b"]]);
});

test("settle() unloads what nobody uses, and starts nothing before that is confirmed", () => {
  const after = settled(abc, { models: { a: onCard(600) }, waiters: [waiterFor("b")] });
  expect(after.state.models).toMatchObject({ a: { state: "unloading", by: { holder: "h" } } });
  expect([states(after), waiting(after)]).toEqual([{ a: "unloading" }, ["wait-b"]]);
});

test("settle() unloads the lowest priority first, then what was used least recently, and no more than is needed", () => {
  const card = cardOf(
    { name: "low", vram_mb: 200, priority: "low" },
    { name: "old", vram_mb: 200 },
    { name: "new", vram_mb: 200 },
    { name: "high", vram_mb: 400, priority: "high" },
    { name: "want", vram_mb: 400 },
  );
  const models = {
    new: onCard(200, { last_used_ms: 2 }),
    old: onCard(200, { last_used_ms: 1 }),
    high: onCard(400),
    low: onCard(200, { last_used_ms: 9 }),
  };
  expect(states(settled(card, { models, waiters: [waiterFor("want")] }))).toEqual({
    new: "loaded",
    old: "unloading",
    high: "loaded",
    low: "unloading",
  });
});

test("settle() spares what one larger model makes unnecessary", () => {
  const card = cardOf(
    { name: "small", vram_mb: 100, priority: "low" },
    { name: "large", vram_mb: 900 },
    { name: "want", vram_mb: 900 },
  );
  const after = settled(card, { models: { small: onCard(100), large: onCard(900) }, waiters: [waiterFor("want")] });
  expect(states(after)).toEqual({ small: "loaded", large: "unloading" });
});

test("settle() never unloads what is used: it is wanted, with the rank of who waits", () => {
  const after = settled(abc, {
    models: { a: onCard(600), c: onCard(300) },
    leases: [leaseOf("a"), leaseOf("c")],
    waiters: [waiterFor("b", { waited_ms: 5_000 })],
  });
  expect(states(after)).toEqual({ a: "loaded", c: "loaded" });
  expect([...after.wanted]).toEqual([["a", 1.5]]);
});

test("settle() never unloads a resident model, nor one whose server keeps it, and keeps their room free", () => {
  const card = cardOf(
    { name: "res", vram_mb: 300, resident: true },
    { name: "kept", vram_mb: 300, load: { kind: "none" } },
    { name: "want", vram_mb: 500 },
  );
  for (const models of [{}, { res: onCard(300), kept: onCard(300) }]) {
    const after = settled(card, { models, waiters: [waiterFor("want")] });
    expect([states(after).res, states(after).kept, waiting(after)]).toEqual([
      "res" in models ? "loaded" : undefined,
      "kept" in models ? "loaded" : undefined,
      ["wait-want"],
    ]);
  }
});

test("settle() loads a resident model into the room that is kept for it", () => {
  const card = cardOf({ name: "res", vram_mb: 300, resident: true }, { name: "big", vram_mb: 700 });
  const after = settled(card, { models: { big: onCard(700) }, leases: [leaseOf("big")], waiters: [waiterFor("res")] });
  expect(states(after)).toEqual({ big: "loaded", res: "loading" });
});

test("settle() has a model whose server keeps it there at once", () => {
  const card = cardOf({ name: "kept", vram_mb: 300, load: { kind: "none" } });
  const after = settled(card, { waiters: [waiterFor("kept")] });
  expect([states(after), holding(after)]).toEqual([{ kept: "loaded" }, ["wait-kept"]]);
});

test("settle() serves by priority, those alike in order of arrival", () => {
  const after = settled(abc, {
    waiters: [
      waiterFor("c", { id: "first" }),
      waiterFor("b", { id: "second" }),
      waiterFor("a", { id: "urgent", priority: 0 }),
    ],
  });
  expect([holding(after), waiting(after)]).toEqual([["urgent", "first"], ["second"]]);
});

test("settle() lets who waited long go before a higher priority", () => {
  const both = (waited_ms: number) =>
    settled(abc, {
      waiters: [waiterFor("a", { id: "low", priority: 3, waited_ms }), waiterFor("b", { id: "high", priority: 1 })],
    });
  expect(holding(both(19_000))).toEqual(["high"]);
  expect(holding(both(21_000))).toEqual(["low"]);
});

test("settle() keeps the order of arrival, whoever told last how long it waits", () => {
  const after = settled(abc, {
    waiters: [waiterFor("a", { id: "first" }), waiterFor("b", { id: "second", waited_ms: 4_000 })],
  });
  expect(holding(after)).toEqual(["first"]);
});

test("settle() gives nobody the room that a better waiter is about to get", () => {
  const after = settled(abc, {
    models: { a: onCard(600) },
    leases: [leaseOf("a")],
    waiters: [waiterFor("b"), waiterFor("c")],
  });
  expect([states(after), waiting(after)]).toEqual([{ a: "loaded" }, ["wait-b", "wait-c"]]);
});

test("settle() has a late caller of a model that is wanted queue behind who wants it", () => {
  const after = settled(abc, {
    models: { a: onCard(600) },
    leases: [leaseOf("a")],
    waiters: [waiterFor("b"), waiterFor("a", { id: "late" })],
  });
  expect([holding(after), waiting(after)]).toEqual([["lease-a"], ["wait-b", "late"]]);
});

test("settle() lets a more urgent caller use a model that a less urgent one wants gone", () => {
  const after = settled(abc, {
    models: { a: onCard(600) },
    leases: [leaseOf("a")],
    waiters: [waiterFor("b"), waiterFor("a", { id: "urgent", priority: 1 })],
  });
  expect(holding(after)).toEqual(["lease-a", "urgent"]);
});

test("settle() lets others use room meanwhile where a waiter cannot displace anybody yet", () => {
  const card = cardOf(
    { name: "crit", vram_mb: 600, priority: "critical" },
    { name: "big", vram_mb: 600 },
    { name: "small", vram_mb: 300 },
  );
  const state = { models: { crit: onCard(600) }, leases: [leaseOf("crit")] };
  const young = settled(card, { ...state, waiters: [waiterFor("big"), waiterFor("small")] });
  expect([holding(young), [...young.wanted]]).toEqual([["lease-crit", "wait-small"], [["crit", 2]]]);
  const old = settled(card, { ...state, waiters: [waiterFor("big", { waited_ms: 20_000 }), waiterFor("small")] });
  expect(holding(old)).toEqual(["lease-crit"]);
});

test("settle() uses one model of an exclusive group at a time, though both may be loaded", () => {
  const card = cardOf(
    { name: "det", vram_mb: 300, priority: "critical", exclusive_group: "eyes" },
    { name: "vlm", vram_mb: 600, exclusive_group: "eyes" },
    { name: "free", vram_mb: 100 },
  );
  const models = { det: onCard(300), vlm: onCard(600), free: onCard(100) };
  const used = settled(card, { models, leases: [leaseOf("det")], waiters: [waiterFor("vlm"), waiterFor("free")] });
  expect([holding(used), [...used.wanted]]).toEqual([["lease-det", "wait-free"], [["det", 2]]]);
  const free = settled(card, { models, waiters: [waiterFor("vlm"), waiterFor("det", { priority: 0 })] });
  expect(holding(free)).toEqual(["wait-det"]);
});

test("settle() keeps a group for who comes next in it", () => {
  const group = { exclusive_group: "eyes" };
  const card = cardOf(
    { name: "x", vram_mb: 100, ...group },
    { name: "y", vram_mb: 100, ...group },
    { name: "z", vram_mb: 100, ...group },
  );
  const after = settled(card, {
    models: { x: onCard(100) },
    leases: [leaseOf("x")],
    waiters: [waiterFor("y"), waiterFor("z")],
  });
  expect([holding(after), waiting(after)]).toEqual([["lease-x"], ["wait-y", "wait-z"]]);
});

test("settle() does not count on memory that a server will not free, and takes other's", () => {
  const card = cardOf({ name: "stuck", vram_mb: 400 }, { name: "other", vram_mb: 400 }, { name: "want", vram_mb: 500 });
  const models = { stuck: onCard(400, { state: "unloading", fault: "no answer" }), other: onCard(400) };
  expect(states(settled(card, { models, waiters: [waiterFor("want")] }))).toEqual({
    stuck: "unloading",
    other: "unloading",
  });
});

test("settle() unloads first what is no longer in the configuration", () => {
  const models = { gone: onCard(600, { last_used_ms: 99 }), c: onCard(300) };
  expect(states(settled(abc, { models, waiters: [waiterFor("b")] }))).toEqual({ gone: "unloading", c: "loaded" });
});

test("settle() takes a card that was made smaller below its budget before it loads anything", () => {
  const small = { ...abc, vram_mb: 700 };
  const models = { a: onCard(600), x: onCard(300) };
  const used = settled(small, { models, leases: [leaseOf("a")], waiters: [waiterFor("c")] });
  expect([states(used), waiting(used), [...used.wanted.keys()]]).toEqual([
    { a: "loaded", x: "loaded" },
    ["wait-c"],
    ["a"],
  ]);
  const unused = settled(small, { models, waiters: [waiterFor("c")] });
  expect([states(unused), waiting(unused)]).toEqual([{ a: "unloading", x: "loaded" }, ["wait-c"]]);
});

test("settle() leaves who waits for a model of no card waiting, and harms nobody", () => {
  const after = settled(abc, { waiters: [waiterFor("nowhere"), waiterFor("a")] });
  expect([holding(after), waiting(after)]).toEqual([["wait-a"], ["wait-nowhere"]]);
});
