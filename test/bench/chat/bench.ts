import { startCpu } from "../measure/cpu.ts";
import type { Bench, BenchOptions, Report } from "../measure/report.ts";
import { percentile } from "../measure/spread.ts";
import { reportChat, type Sample, type Samples } from "./chat-report.ts";
import { type Stand, startStand } from "./stand.ts";
import { SIDES, type Side, type Taken, type Turn } from "./wire.ts";

const CALLERS = [1, 20, 100];
const TOKENS = 200;
/** Of each caller in a turn; a single one asks more often. */
const ANSWERS = 2;
const ANSWERS_OF_ONE = 3;
const SMOKE = { callers: 4, answers: 1, tokens: 20 };

/** From a question on the bus to the tokens at a reader's WebSocket. */
export const chat: Bench = { name: "chat", run };

async function run({ smoke, rounds, tell, signal }: BenchOptions): Promise<Report> {
  const stand = await startStand(signal);
  const found: Samples[] = (smoke ? [SMOKE.callers] : CALLERS).map((callers) => ({
    callers,
    direct: [],
    relay: [],
    ours: [],
  }));
  try {
    for (let round = smoke ? 1 : 0; round <= rounds; round++)
      for (const samples of found) {
        for (let i = 0; i < SIDES.length; i++) {
          const side = SIDES[(i + round) % SIDES.length]!;
          const turn = { ...turnOf(samples.callers, smoke), batch: `${round}-${samples.callers}-${side}` };
          const sample = await play(stand, side, turn);
          // The first round warms the compilers up and is not counted.
          if (round > 0) samples[side].push(sample);
          tell(`chat: round ${round} of ${rounds}: ${said(side, samples.callers, sample)}`);
        }
      }
    await stand.assertClean();
  } finally {
    await stand.stop();
  }
  return reportChat(found);
}

function turnOf(callers: number, smoke: boolean): Omit<Turn, "batch"> {
  if (smoke) return SMOKE;
  return { callers, answers: callers === 1 ? ANSWERS_OF_ONE : ANSWERS, tokens: TOKENS };
}

async function play({ askers, pids, model_pid }: Stand, side: Side, turn: Turn): Promise<Sample> {
  const endCpu = startCpu({ ...pids[side], model: model_pid });
  await askers[side].ask("run", turn);
  const { by_name, foreign_cores } = endCpu();
  const { model: _, ...own } = by_name;
  const taken = await askers[side].ask("take", turn);
  const tokens = turn.callers * turn.answers * turn.tokens;
  if (taken.token_ms.length !== tokens)
    throw new Error(`Cannot trust ${side}: ${taken.token_ms.length} of ${tokens} tokens came`);
  const cpu_us = Object.fromEntries(Object.entries(own).map(([name, us]) => [name, us / tokens]));
  return { ...percentiles(taken), cpu_us, foreign_cores };
}

function percentiles({ first_ms, token_ms }: Taken): Omit<Sample, "cpu_us" | "foreign_cores"> {
  const [first, token] = [first_ms, token_ms].map((values) => values.toSorted((a, b) => a - b)) as [number[], number[]];
  return {
    first_p50: percentile(first, 50),
    first_p99: percentile(first, 99),
    token_p50: percentile(token, 50),
    token_p99: percentile(token, 99),
  };
}

const said = (side: Side, callers: number, { first_p50, token_p50, cpu_us }: Sample): string =>
  `${side}, ${callers} at once: first ${first_p50.toFixed(1)} ms, token ${token_p50.toFixed(1)} ms, CPU ${Object.entries(
    cpu_us,
  )
    .map(([name, us]) => `${name} ${us.toFixed(0)}`)
    .join(" ")} us`;
