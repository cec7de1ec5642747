import { expect, test } from "vitest";
import { AGING_MS, cardOf } from "./card.fixture.ts";
import { type CardState, usedMb } from "./card-state.ts";
import { budgetMb, type CardConfig, isFixed } from "./config.ts";
import { SchedulerSimulation, seeded } from "./scheduler-simulation.fixture.ts";
import { settle } from "./settle.ts";

const PRIORITIES = ["critical", "high", "normal", "low"] as const;
const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1);
const STEPS = 250;

function randomCard(random: () => number): CardConfig {
  const models = Array.from({ length: 8 }, (_, i) => ({
    name: `m${i}`,
    vram_mb: 50 + Math.floor(random() * 600),
    priority: PRIORITIES[Math.floor(random() * 4)]!,
    ...(random() < 0.3 ? { exclusive_group: random() < 0.5 ? "g" : "k" } : {}),
  }));
  return cardOf(...models, { name: "res", vram_mb: 150, resident: true });
}

/** What must hold of every state that is ever written. */
function faultsOf(card: CardConfig, state: CardState): string[] {
  const configs = new Map(card.models.map((model) => [model.name, model]));
  const leased = new Set(state.leases.map(({ model }) => model));
  const groups = [...leased].flatMap((name) => configs.get(name)?.exclusive_group ?? []);
  const again = settle(card, state, { aging_ms: AGING_MS, now_ms: 0 }).state;
  const going = Object.entries(state.models).filter(([, model]) => model.state === "unloading");
  return [
    ...(usedMb(state) > budgetMb(card) ? [`${usedMb(state)} MB of ${budgetMb(card)} are used`] : []),
    ...going.flatMap(([name]) => (leased.has(name) ? [`${name} is unloaded and used`] : [])),
    ...going.flatMap(([name, { fault }]) =>
      isFixed(configs.get(name)!) && !fault ? [`${name} is resident and unloaded`] : [],
    ),
    ...(new Set(groups).size < groups.length ? ["two of a group are used"] : []),
    ...[...leased].flatMap((name) => (state.models[name] ? [] : [`${name} is leased and not there`])),
    ...(JSON.stringify(again) === JSON.stringify(state) ? [] : ["more could have been given"]),
  ];
}

const pick = <T>(from: readonly T[], random: () => number): T | undefined => from[Math.floor(random() * from.length)];

function step(world: SchedulerSimulation, random: () => number, { deaths = true } = {}): void {
  const dice = random();
  const holder = pick(world.names, random)!;
  const running = world.claimsOf(holder).filter(({ id, in_use }) => in_use && world.isRunning(id));
  const works = Object.entries(world.state.models).filter(([, { by }]) => by !== null);
  if (dice < 0.3) {
    const model = pick(world.card.models, random)!.name;
    if (world.claimsOf(holder).every((claim) => claim.model !== model))
      world.enter(holder, model, Math.floor(random() * 4));
  } else if (dice < 0.6) {
    const call = pick(running, random);
    if (call) world.end(holder, call.id);
  } else if (dice < 0.85) {
    const work = pick(works, random);
    if (work) world.finish(work[0], random() < 0.1);
  } else if (dice < 0.97 || !deaths) world.pass(random() * 2_000);
  else world.kill(holder);
}

test.each(SEEDS)(
  "settle() never overruns the budget, and gives all that can be given, whatever comes (seed %i)",
  (seed) => {
    const random = seeded(seed);
    const world = new SchedulerSimulation(randomCard(random), 5);
    for (let i = 0; i < STEPS; i++) {
      step(world, random);
      expect(faultsOf(world.card, world.state)).toEqual([]);
    }
  },
);

test.each(SEEDS)("settle() serves everybody once calls end and servers answer (seed %i)", (seed) => {
  const random = seeded(seed);
  const world = new SchedulerSimulation(randomCard(random), 5);
  for (let i = 0; i < STEPS; i++) step(world, random);
  for (let i = 0; i < 300 && world.state.waiters.length > 0; i++) {
    for (const [name, { by }] of Object.entries(world.state.models))
      if (by !== null && world.state.models[name]?.by) world.finish(name, false);
    for (const holder of world.names)
      for (const { id, in_use } of [...world.claimsOf(holder)])
        if (in_use && world.isRunning(id)) world.end(holder, id);
    world.pass(1_000);
  }
  expect(world.state.waiters).toEqual([]);
});

test("settle() lets nobody starve while others of higher priority keep coming", () => {
  const busy = Array.from({ length: 6 }, (_, i) => `busy${i}`);
  const card = cardOf(...busy.map((name) => ({ name, vram_mb: 400, priority: "critical" as const })), {
    name: "poor",
    vram_mb: 900,
    priority: "low",
  });
  const world = new SchedulerSimulation(card, 6);
  const random = seeded(4);
  const [poor = "", ...others] = world.names;
  let waited_ms = 0;
  for (const holder of others) world.enter(holder, pick(busy, random)!, 0);
  world.enter(poor, "poor", 3);
  while (!world.claimsOf(poor).some(({ id }) => world.isRunning(id))) {
    const holder = pick(others, random)!;
    const model = pick(busy, random)!;
    if (world.claimsOf(holder).every((claim) => claim.model !== model)) world.enter(holder, model, 0);
    const running = world.claimsOf(holder).filter(({ id, in_use }) => in_use && world.isRunning(id));
    // Each keeps one call running until the poor one's turn has come.
    for (const { id } of waited_ms > 3 * AGING_MS ? running : running.slice(1)) world.end(holder, id);
    for (const [name, { by }] of Object.entries(world.state.models)) if (by) world.finish(name, false);
    world.pass(100);
    waited_ms += 100;
    expect(waited_ms).toBeLessThan(5 * AGING_MS);
  }
  expect(waited_ms).toBeGreaterThan(3 * AGING_MS);
});
