import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Asked } from "../../harness/reciting-llm.ts";
import { until } from "../../harness/until.ts";
import { startWorld, type World } from "../../harness/world.ts";
import { type Blow, planBlows, type Victim } from "../plan.ts";
import { serversOf, strike } from "../strike.ts";
import { BusReader } from "./bus-reader.ts";
import { type ChatProcesses, startChat } from "./chat-processes.ts";
import { ChatSessions } from "./chat-sessions.ts";
import type { ChatStory, HistoryRow } from "./chat-story.ts";
import { type ChatVerdict, judgeChat } from "./chat-verdict.ts";

export interface ChatStormOptions {
  answers: number;
  /** Of each answer. */
  tokens: number;
  tokens_per_s: number;
  /** Conversations at once, one person each. */
  sessions: number;
  /** Of each victim. */
  kills: number;
  pauses: number;
  /** Every second pause of a handler lasts so long: beyond its lease, another has its turn when it wakes. */
  long_pause_ms: number;
  /** Processes of chat-handler and of the gateway, each. */
  replicas: number;
  seed: number;
  /** Only victims whose names begin so are struck; all unless given. */
  victims?: readonly string[];
  /** Between two blows, on average. */
  every_ms: number;
  tell(line: string): void;
}

/** After the last blow, beside the time that all answers take that a session has one after the other. */
const SETTLE_MS = 120_000;

/** Streams answers while everybody is killed and paused; afterwards their readers' text is held against what the models say. */
export async function chatStorm(options: ChatStormOptions): Promise<ChatVerdict> {
  const { tell } = options;
  const world = await startWorld();
  const processes = await startChat(world, options);
  const reader = new BusReader(world.bus);
  const sessions = new ChatSessions(world, { ...options, gateway_urls: processes.gateway_urls });
  try {
    const victims = victimsOf(world, processes).filter(({ name }) => isNamed(name, options.victims));
    const plan = planOf(victims, options);
    tell(`${options.answers} answers, ${plan.length} blows on ${victims.length} victims, seed ${options.seed}`);
    const running = sessions.run();
    await until("answers are streaming", () => reader.answers.size >= options.sessions / 2, { within_ms: 60_000 });
    await strike(plan, victims, (line) => tell(`${line}, ${sessions.done} answers heard`)).done;
    tell(`the last blow has fallen: ${sessions.done} answers heard`);
    await within(running, SETTLE_MS + spokenMs(options), () =>
      tell(`${sessions.done} of ${options.answers} answers were heard`),
    );
    const story = await storyOf(world, { processes, sessions, reader });
    return judgeChat(story);
  } finally {
    await sessions.stop();
    await reader.stop();
    await processes.stop();
    const kept = process.env.CHAOS_LOGS;
    if (kept) await cp(join(world.dir, "logs"), kept, { recursive: true });
    await world.stop();
  }
}

/** How long the models speak in one session, were nothing to happen. */
const spokenMs = ({ answers, sessions, tokens, tokens_per_s }: ChatStormOptions): number =>
  (Math.ceil(answers / sessions) * tokens * 1_000) / tokens_per_s;

const victimsOf = (world: World, { models, handlers, gateways }: ChatProcesses): Victim[] => [
  ...models,
  ...handlers,
  ...gateways,
  ...serversOf(world),
];

const isNamed = (name: string, wanted: readonly string[] = [""]): boolean => wanted.some((one) => name.startsWith(one));

function planOf(victims: readonly Victim[], options: ChatStormOptions): Blow[] {
  const names = victims.map(({ name }) => name);
  let handlers_paused = 0;
  return planBlows(names, options).map((blow) =>
    blow.what === "pause" && blow.victim.startsWith("chat-handler") && handlers_paused++ % 2 === 1
      ? { ...blow, pause_ms: options.long_pause_ms }
      : blow,
  );
}

interface Witnesses {
  processes: ChatProcesses;
  sessions: ChatSessions;
  reader: BusReader;
}

async function storyOf(world: World, { processes, sessions, reader }: Witnesses): Promise<ChatStory> {
  const { questions, clients } = sessions;
  return {
    questions,
    readers: clients.map((client) => client.heard()),
    bus: reader.answers,
    noted: clients.flatMap(({ faults }) => faults),
    asked: (await Promise.all(processes.models.map(({ name }) => askedOf(world, name)))).flat(),
    history: await world.db.query<HistoryRow>("select * from chat_messages order by message_id", []),
    whole: new Map(
      await Promise.all(questions.map(async (one) => [one.request_id, await sessions.whole(one)] as const)),
    ),
    dead_letters: await deadLetters(world),
  };
}

/** What a model was asked in all its lives; the last line of a life may be half a line. */
async function askedOf({ dir }: World, name: string): Promise<Asked[]> {
  const lines = (await readFile(join(dir, "logs", `${name}.out`), "utf8")).split("\n");
  return lines.flatMap((line) => (line.startsWith("{") && line.endsWith("}") ? [JSON.parse(line) as Asked] : []));
}

async function deadLetters({ bus }: World): Promise<string[]> {
  const { first_seq, last_seq } = await bus.stream("DEAD_LETTERS");
  const letters: string[] = [];
  for (let seq = Math.max(1, first_seq); seq <= last_seq; seq++) {
    const letter = await bus.message("DEAD_LETTERS", seq);
    const { "Gatehouse-Code": code, "Gatehouse-Reason": reason } = letter?.headers ?? {};
    if (letter) letters.push(`${letter.subject}: ${code} ${reason}`);
  }
  return letters;
}

/** Waits no longer than so; what is missing then, the verdict says. */
async function within(work: Promise<void>, ms: number, onLate: () => void): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.resolve(onLate()), ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}
