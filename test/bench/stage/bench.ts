import { Actor } from "../measure/actor.ts";
import { type Broker, startBroker } from "../measure/broker.ts";
import { PROFILED } from "../measure/profiled.ts";
import { atLeast, type Bench, type BenchOptions, type Report, shown } from "../measure/report.ts";
import { ratios, spread } from "../measure/spread.ts";
import type { Operations as Loader } from "./loader.ts";
import { startOtlpSink } from "./otlp-sink.ts";
import type { Operations as Ours } from "./ours.ts";
import { declared, type StageResult, type StageRun, VARIANTS, type Variant } from "./wire.ts";

/** So many that the compilers have seen enough after the first round. */
const MESSAGES = 30_000;
const SMOKE_MESSAGES = 2_000;
const SAMPLED = "0.01";

/** Messages a second through one stage: consume, decode, check, handle, publish with acknowledgement, ack. */
export const stage: Bench = { name: "stage", run };

async function run({ smoke, rounds, tell, signal }: BenchOptions): Promise<Report> {
  const broker = await startBroker(declared);
  const sink = await startOtlpSink();
  const env = { BENCH_HOME: broker.dir, OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_TRACES_SAMPLER_ARG: SAMPLED };
  const loader = new Actor<Loader>(new URL("./loader.ts", import.meta.url), { env, signal });
  const actors = Object.fromEntries(
    VARIANTS.map((name) => [
      name,
      new Actor<Ours>(new URL(`./${name}.ts`, import.meta.url), {
        env,
        exec_args: name === "ours" ? PROFILED : [],
        signal,
      }),
    ]),
  ) as Record<Variant, Actor<Ours>>;
  const count = smoke ? SMOKE_MESSAGES : MESSAGES;
  const { nats_url, nats_user, nats_password } = broker.backing;
  const order = { nats_url, user: nats_user!, password: nats_password!, broker_pid: broker.pid, count };
  const results: Record<Variant, StageResult[]> = { ours: [], stock: [], tuned: [] };
  try {
    // The first round warms the compilers up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const taken = await playRound(broker, { loader, actors, order, round });
      if (round > 0 || smoke) for (const name of VARIANTS) results[name].push(taken[name]);
      tell(
        `stage: round ${round} of ${rounds}: ${VARIANTS.map((name) => `${name} ${Math.round(rate(count, taken[name]))}/s`).join(", ")}`,
      );
    }
  } finally {
    await Promise.all([loader, ...Object.values(actors)].map((actor) => actor.stop()));
    await broker.stop();
    sink.stop();
  }
  return report(results, count);
}

interface Round {
  loader: Actor<Loader>;
  actors: Record<Variant, Actor<Ours>>;
  order: StageRun;
  round: number;
}

/** Everybody once on the same messages, beginning with another one each round. */
async function playRound(
  broker: Broker,
  { loader, actors, order, round }: Round,
): Promise<Record<Variant, StageResult>> {
  await broker.bus.manager.streams.purge("TAKEN");
  await broker.bus.manager.streams.purge("GIVEN");
  await loader.ask("load", { ...order, round });
  const taken: Partial<Record<Variant, StageResult>> = {};
  for (let i = 0; i < VARIANTS.length; i++) {
    const name = VARIANTS[(i + round) % VARIANTS.length]!;
    taken[name] = await actors[name].ask("run", order);
  }
  await assertCounts(broker, order.count);
  return taken as Record<Variant, StageResult>;
}

/** Each has published every message exactly once and left none unsettled. */
async function assertCounts({ bus }: Broker, count: number): Promise<void> {
  const { state } = await bus.manager.streams.info("GIVEN", { subjects_filter: "given.*" });
  const faults = VARIANTS.flatMap((name) => {
    const seen = state.subjects?.[`given.${name}`] ?? 0;
    return seen === count ? [] : [`${name} published ${seen} messages of ${count}`];
  });
  for (const { durable, pending, ack_pending, redelivered } of await bus.consumers("TAKEN"))
    if (pending + ack_pending + redelivered > 0)
      faults.push(`${durable} left ${pending} undelivered and ${ack_pending} unsettled, ${redelivered} came again`);
  const { messages } = await bus.stream("DEAD_LETTERS");
  if (messages > 0) faults.push(`${messages} messages were given up`);
  if (faults.length > 0) throw new Error(`Cannot trust the stage: ${faults.join("; ")}`);
}

const rate = (count: number, { elapsed_ms }: StageResult): number => (count / elapsed_ms) * 1_000;

function report(results: Record<Variant, StageResult[]>, count: number): Report {
  const rates = (name: Variant): number[] => results[name].map((result) => rate(count, result));
  const perMessage = (name: Variant, field: "own_cpu_us" | "broker_cpu_us"): number[] =>
    results[name].map((result) => result[field] / count);
  const rows = VARIANTS.map((name) => [
    name,
    shown(spread(rates(name))),
    name === "ours" ? "1" : shown(ratios(rates("ours"), rates(name)), 2),
    shown(spread(perMessage(name, "own_cpu_us")), 1),
    shown(spread(perMessage(name, "broker_cpu_us")), 1),
    String(count * results[name].length),
  ]);
  return {
    bench: "stage",
    about:
      "a 900 B event through consume, decode, check, handle, publish with acknowledgement, ack; one process, file streams",
    table: [["", "messages/s", "ours / it", "own CPU us", "broker CPU us", "delivered"], ...rows],
    goals: [
      atLeast("messages/s, ours / stock", ratios(rates("ours"), rates("stock")), 1.5),
      atLeast("messages/s, ours / tuned", ratios(rates("ours"), rates("tuned")), 0.6),
    ],
    notes: [
      `ours: message id, deadline, trace headers, 1 trace in ${1 / Number(SAMPLED)} sampled and sent, metrics, dead letters; the others: none of it`,
    ],
    foreign_cores: spread(VARIANTS.flatMap((name) => results[name].map(({ foreign_cores }) => foreign_cores))),
  };
}
