import { expect, test } from "vitest";
import { cardOf, onCard, stateOf } from "./card.fixture.ts";
import { Idleness } from "./idleness.ts";

const card = cardOf(
  { name: "a", vram_mb: 1, idle_unload_s: 10 },
  { name: "res", vram_mb: 1, idle_unload_s: 1, resident: true },
  { name: "kept", vram_mb: 1, idle_unload_s: 1, load: { kind: "none" } },
);
const used = (last_used_ms: number) =>
  stateOf({ models: { a: onCard(1, { last_used_ms }), res: onCard(1), kept: onCard(1), gone: onCard(1) } });

test("Idleness counts from a model's last use, by its own clock, and never ends for what stays", () => {
  const idleness = new Idleness(card);
  idleness.look(used(5), 0);
  expect(idleness.idle(9_999)).toEqual([]);
  idleness.look(used(5), 9_999);
  expect(idleness.idle(10_000)).toEqual(["a"]);
  idleness.look(used(6), 10_001);
  expect(idleness.idle(20_000)).toEqual([]);
  expect(idleness.idle(300_000)).toEqual(["a", "gone"]);
});

test("Idleness begins anew with a model that was away", () => {
  const idleness = new Idleness(card);
  idleness.look(used(5), 0);
  idleness.look(stateOf({}), 5_000);
  idleness.look(used(5), 6_000);
  expect(idleness.idle(15_999)).toEqual([]);
});
