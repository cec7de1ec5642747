import { parseArgs } from "node:util";
import { chatStorm } from "./chat/chat-storm.ts";
import { gpuStorm } from "./gpu/gpu-storm.ts";
import { outage } from "./outage.ts";
import { pipelinesStorm } from "./pipelines/pipelines-storm.ts";
import { storm } from "./storm.ts";

const HELP = `Kills and pauses everybody while frames flow, then asks the bus and the database whether anything was lost or doubled.

  npm run chaos -- --rounds 1 --seed 1 --frames 1000 --kills 20 --pauses 5 --replicas 1

  --rounds N     storms, each with the next seed (default 1)
  --seed S       decides who is struck when (default 1)
  --frames N     distinct frames a round (default 1000)
  --kills N      SIGKILLs of each victim a round (default 20)
  --pauses N     SIGSTOPs of each victim a round (default 5)
  --replicas N   processes of each service, the gateway too (default 1)
  --every-ms N   between two blows, on average (default 700)

  npm run chaos -- --outage postgres --seconds 60 --frames 600

  --outage S     instead: takes nats, postgres or redis away under load (10 frames a second), once
  --seconds N    for so long (default 60)

  npm run chaos -- --gpu --seconds 60 --rounds 1 --seed 1

  --gpu          instead: 64 callers in 4 processes use 20 models on a card of 8 GB, while their processes are killed,
                 and paused for 18 s, every 5 s on average

  npm run chaos -- --chat --answers 1000 --tokens 200 --kills 20 --pauses 5 --replicas 1 --every-ms 1000 --seed 1

  --chat            instead: answers stream from two models to readers on WebSockets, while chat-handler, the gateway, the
                    models and the backing servers are killed and paused
  --answers N       of a round (default 1000)
  --tokens N        of an answer (default 200)
  --sessions N      people who ask, each in a session of its own (default 20)
  --tokens-per-s N  of a model (default 60)

  npm run chaos -- --pipelines --triggers 300 --kills 5 --pauses 2 --replicas 2 --every-ms 1000 --seed 1

  --pipelines       instead: triggers run on a test Argo and a test Kubeflow that cut connections, refuse tokens, apply
                    requests late, clear away what has ended, leave watches silent and count versions anew, while bridges, engines, Postgres and NATS are killed and paused
  --triggers N      of a round (default 300)

  --victims A,B     with --chat, --pipelines: only those whose names begin so, as chat-handler,gateway (default all)
  CHAOS_LOGS=DIR    with them: keeps the logs of a round
`;

const number = (initial: string) => ({ type: "string", default: initial }) as const;
const { values } = parseArgs({
  options: {
    rounds: number("1"),
    seed: number("1"),
    frames: number("1000"),
    kills: number("20"),
    pauses: number("5"),
    replicas: number("1"),
    "every-ms": number("700"),
    outage: { type: "string" },
    seconds: number("60"),
    gpu: { type: "boolean", default: false },
    chat: { type: "boolean", default: false },
    answers: number("1000"),
    tokens: number("200"),
    sessions: number("20"),
    "tokens-per-s": number("60"),
    pipelines: { type: "boolean", default: false },
    triggers: number("300"),
    victims: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const tell = (line: string): boolean => process.stdout.write(`${line}\n`);

const NOTHING = "nothing lost, nothing doubled";
const shared = {
  kills: Number(values.kills),
  pauses: Number(values.pauses),
  replicas: Number(values.replicas),
  every_ms: Number(values["every-ms"]),
  ...(values.victims ? { victims: values.victims.split(",") } : {}),
  tell,
};

if (values.help) tell(HELP);
else if (values.gpu) {
  const options = { processes: 4, callers: 64, every_ms: 5_000, pause_ms: 18_000, seconds: Number(values.seconds) };
  await rounds("gpu", "never overrun, nobody starved", (seed) => gpuStorm({ ...options, seed }));
} else if (values.chat) {
  const [answers, tokens, sessions] = [values.answers, values.tokens, values.sessions].map(Number);
  const options = {
    answers: answers!,
    tokens: tokens!,
    sessions: sessions!,
    tokens_per_s: Number(values["tokens-per-s"]),
  };
  await rounds("chat", "every answer whole, once", (seed) =>
    chatStorm({ ...shared, ...options, long_pause_ms: 14_000, seed }),
  );
} else if (values.pipelines) {
  const times = { run_ms: 30_000, settle_ms: 3_000, late_ms: [750, 4_000, 6_000, 9_000], patience_ms: 180_000 };
  const options = { ...times, triggers: Number(values.triggers) };
  await rounds("pipelines", "one run each, told once and in order", (seed) =>
    pipelinesStorm({ ...shared, ...options, long_pause_ms: 14_000, bridge_signal: "SIGKILL", is_harsh: true, seed }),
  );
} else if (values.outage) {
  const server = values.outage as "nats" | "postgres" | "redis";
  const { faults, readiness, ...counts } = await outage({
    server,
    seconds: Number(values.seconds),
    frames: Number(values.frames),
  });
  tell(
    `${server} away for ${values.seconds} s: ${JSON.stringify(counts)}: ${faults.length === 0 ? NOTHING : `${faults.length} faults`}`,
  );
  tell(
    `readyz said: ${readiness.flatMap(({ service, reasons }) => reasons.map(({ message }) => `${service}: ${message}`)).join("; ")}`,
  );
  for (const fault of faults.slice(0, 50)) tell(`  ${fault}`);
  process.exit(faults.length === 0 ? 0 : 1);
} else await rounds("frames", NOTHING, (seed) => storm({ ...shared, frames: Number(values.frames), seed }));

/** Plays a storm as often as was asked for, each with the next seed, and ends with 1 when one of them had a fault. */
async function rounds(
  name: string,
  well: string,
  play: (seed: number) => Promise<{ faults: string[] }>,
): Promise<void> {
  let bad = 0;
  for (let round = 0; round < Number(values.rounds); round++) {
    const seed = Number(values.seed) + round;
    const began_ms = Date.now();
    const { faults, ...counts } = await play(seed);
    const seconds = Math.round((Date.now() - began_ms) / 1_000);
    tell(
      `${name}, seed ${seed}, ${seconds} s: ${JSON.stringify(counts)}: ${faults.length === 0 ? well : `${faults.length} faults`}`,
    );
    for (const fault of faults.slice(0, 50)) tell(`  ${fault}`);
    bad += faults.length;
  }
  process.exit(bad === 0 ? 0 : 1);
}
