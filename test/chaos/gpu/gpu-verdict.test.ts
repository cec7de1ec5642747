import { expect, test } from "vitest";
import type { GpuEvent } from "../../harness/simulated-gpu.ts";
import { cardOfTwenty } from "./card-of-twenty.ts";
import { judgeGpu } from "./gpu-verdict.ts";
import type { CallNote, GpuStory } from "./story.ts";

const LIMITS = { wait_ms: 60_000, gone_ms: 15_000, lapse_ms: 10_000, callers: 1 };
const card = cardOfTwenty(1, "http://card");
const call = (own: Partial<CallNote> = {}): CallNote => ({
  what: "call",
  holder: "p0.0",
  caller: 0,
  model: "m1",
  priority: 2,
  asked_ms: 0,
  begun_ms: 5,
  ended_ms: 9,
  outcome: "done",
  ...own,
});
const event = (what: GpuEvent["what"], at_ms: number, own: Partial<GpuEvent> = {}): GpuEvent => ({
  what,
  at_ms,
  model: "m1",
  ...own,
});
const faultsOf = (own: Partial<GpuStory>): string[] =>
  judgeGpu(
    { card, events: [], calls: [call()], blows: [], gone: [], calm_ms: 0, writes: 0, conflicts: 0, ...own },
    LIMITS,
  ).faults;

test("judgeGpu() finds nothing wrong with a quiet story", () => {
  expect(faultsOf({ events: [event("load begins", 1), event("unload begins", 2), event("unloaded", 3)] })).toEqual([]);
});

test("judgeGpu() sees a card that is overrun, also while something still unloads", () => {
  const all = card.models.map(({ name }) => event("load begins", 1, { model: name }));
  expect(faultsOf({ events: [...all, event("unload begins", 2)] })).toEqual([
    expect.stringMatching(/^\d+ MB were taken of a budget of 8192$/),
  ]);
});

test("judgeGpu() sees callers that had no turn, waited too long, or gave up", () => {
  expect(faultsOf({ calls: [] })).toEqual(["1 of 1 callers had no turn once it was calm"]);
  expect(faultsOf({ calls: [call({ begun_ms: 61_000, ended_ms: 61_001 })] })).toEqual(["a call waited 61000 ms"]);
  expect(faultsOf({ calls: [call(), call({ begun_ms: null, outcome: "MODEL_BUSY" })] })).toEqual([
    "1 calls of processes that were well did not get their turn in a minute",
  ]);
});

test("judgeGpu() blames nobody for calls of a process that stood still meanwhile", () => {
  const busy = call({ begun_ms: null, ended_ms: 60_000, outcome: "MODEL_BUSY" });
  const pause = { what: "pause", holder: "p0.0", at_ms: 1_000, until_ms: 19_000 } as const;
  expect(faultsOf({ calls: [call(), busy], blows: [pause] })).toEqual([]);
  expect(faultsOf({ calls: [call(), busy], blows: [{ ...pause, holder: "p1.0" }] })).toHaveLength(1);
});

test("judgeGpu() sees a dead holder, and a paused one, that stays in the key", () => {
  const kill = { what: "kill", holder: "p0.0", at_ms: 1_000, until_ms: null } as const;
  const pause = { ...kill, what: "pause", until_ms: 30_000 } as const;
  const late = ["p0.0 was in the key 15001 ms after its end"];
  for (const blow of [kill, pause]) {
    expect(faultsOf({ blows: [blow], gone: [{ holder: "p0.0", at_ms: 16_001 }] })).toEqual(late);
    expect(faultsOf({ blows: [blow], gone: [{ holder: "p0.0", at_ms: 15_999 }] })).toEqual([]);
  }
});

test("judgeGpu() sees two models of a group that are called at the same time", () => {
  const begins = (model: string, at_ms: number, holder = "p0.0") => event("call begins", at_ms, { model, holder });
  const ends = event("call ends", 2, { model: "m16", holder: "p0.0" });
  const late = begins("m18", 3, "p1.0");
  const together = ["m18 and m16 of group even were called at the same time"];
  expect(faultsOf({ events: [begins("m16", 1), late] })).toEqual(together);
  expect(faultsOf({ events: [begins("m16", 0), begins("m16", 1), ends, late] })).toEqual(together);
  expect(faultsOf({ events: [begins("m16", 1), ends, late] })).toEqual([]);
  expect(faultsOf({ events: [begins("m16", 1), begins("m17", 2)] })).toEqual([]);
});

test("judgeGpu() sees a model that goes or is gone while somebody calls it, unless that one was struck", () => {
  const events = [
    event("call begins", 20_000, { holder: "p0.0" }),
    event("unload begins", 20_001),
    event("call refused", 20_002, { holder: "p0.0" }),
  ];
  const kill = { what: "kill", holder: "p0.0", at_ms: 1_000, until_ms: null } as const;
  expect(faultsOf({ events })).toEqual(["m1 was unloaded while p0.0 called it", "p0.0 called m1, which was not there"]);
  expect(faultsOf({ events, blows: [kill] })).toEqual([]);
  const two = [events[0]!, events[0]!, event("call ends", 20_001, { holder: "p0.0" }), events[1]!];
  expect(faultsOf({ events: two })).toEqual(["m1 was unloaded while p0.0 called it"]);
});
