import { Actor } from "../measure/actor.ts";
import { startCpu } from "../measure/cpu.ts";
import type { Bench, BenchOptions, Report } from "../measure/report.ts";
import { spread } from "../measure/spread.ts";
import type { Operations } from "./player.ts";
import { type Results, report } from "./report.ts";
import { type Trial, trialsOf } from "./trials.ts";
import { VARIANTS, type Variant } from "./wire.ts";

/** Items in batches for a card that works on one at a time: callers that ask again and again, and calls at random times. */
export const batcher: Bench = { name: "batcher", run };

/** How often everything is played in a round. */
const TURNS = 3;

type Players = Record<Variant, Actor<Operations>>;

async function run({ smoke, rounds, tell, signal }: BenchOptions): Promise<Report> {
  const players = Object.fromEntries(
    VARIANTS.map((name) => [name, new Actor<Operations>(new URL("./player.ts", import.meta.url), { signal })]),
  ) as Players;
  const results: Results = {};
  const foreign_cores: number[] = [];
  try {
    await assertOneHarmsNobody(players.ours);
    // The first round warms the compilers up and is not counted.
    for (let round = smoke ? 1 : 0; round <= rounds; round++) {
      const endCpu = startCpu(Object.fromEntries(VARIANTS.map((name) => [name, players[name].pid])));
      const into = round > 0 ? results : {};
      const short = smoke || round === 0;
      for (let turn = 0; turn < (short ? 1 : TURNS); turn++)
        for (const trial of trialsOf(short)) await playTrial(trial, { players, turn: round * TURNS + turn, into });
      foreign_cores.push(endCpu().foreign_cores);
      tell(`batcher: round ${round} of ${rounds}`);
    }
  } finally {
    await Promise.all(Object.values(players).map((player) => player.stop()));
  }
  return report(results, spread(foreign_cores));
}

async function assertOneHarmsNobody(ours: Actor<Operations>): Promise<void> {
  const answered = await ours.ask("cancelOne", undefined as never);
  if (answered !== 63)
    throw new Error(`Cannot trust the batcher: beside one of 64 callers that gave up ${answered} were answered`);
}

/** Everybody in turn on the same load, beginning with another one each time. */
async function playTrial(
  { name, load, variants }: Trial,
  { players, turn, into }: { players: Players; turn: number; into: Results },
): Promise<void> {
  for (let i = 0; i < variants.length; i++) {
    const variant = variants[(i + turn) % variants.length]!;
    const played = await players[variant].ask("play", { variant, load: { ...load, seed: turn + 1 } });
    into[name] ??= {};
    into[name][variant] ??= [];
    into[name][variant].push(played);
  }
}
