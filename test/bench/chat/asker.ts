import { setTimeout as timer } from "node:timers/promises";
import { encode } from "@gatehouse/events";
import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { Pool } from "undici";
import { brokerOptions } from "../frames/wire.ts";
import { serve } from "../measure/actor.ts";
import { machineMs } from "../measure/clock.ts";
import { AnswerSocket } from "./answer-socket.ts";
import { modelStream } from "./model-stream.ts";
import { type Doors, type Heard, questionFor, type Taken, TOKENS_PER_S, type Turn, tokensOf } from "./wire.ts";

/** How one caller of a side gets one answer. */
type Ask = (request_id: string, tokens: number) => Promise<Heard>;

let open: (caller: number) => Promise<Ask>;
const callers: Ask[] = [];
const closing: (() => unknown)[] = [];
let heard: Heard[] = [];

/** Gets ready to ask one side. */
async function prepare(doors: Doors): Promise<void> {
  if (doors.side === "direct") {
    const pool = new Pool(doors.model_url, { connections: 256 });
    closing.push(() => pool.destroy());
    open = async () => (_, tokens) => hearDirect(pool, tokens);
    return;
  }
  const connection = await connect(brokerOptions(doors.backing));
  closing.push(() => connection.close());
  const js = jetstream(connection);
  open = async (caller) => {
    const socket = await AnswerSocket.open(doors);
    closing.push(() => socket.close());
    return (request_id, tokens) =>
      socket.hear(request_id, () => publish(js, doors, { request_id, user_id: `bench-${caller}`, tokens }));
  };
}

async function hearDirect(pool: Pool, tokens: number): Promise<Heard> {
  const one: Heard = { asked_ms: machineMs(), pieces: [] };
  for await (const text of modelStream(pool, tokens)) one.pieces.push({ at_ms: machineMs(), text });
  return one;
}

interface Question {
  request_id: string;
  user_id: string;
  tokens: number;
}

function publish(js: JetStreamClient, { side }: Doors, { tokens, ...question }: Question): Promise<unknown> {
  const subject =
    side === "ours" ? `ai.chat.user.${question.user_id}.message` : `relay.question.${question.request_id}`;
  return js.publish(subject, encode({ ...question, message: questionFor(tokens) }), { msgID: question.request_id });
}

/** Every caller asks one question after the other; they begin spread over the time of an answer. */
async function run({ batch, callers: count, answers, tokens }: Turn): Promise<void> {
  while (callers.length < count) callers.push(await open(callers.length));
  heard = [];
  const one = async (ask: Ask, caller: number): Promise<void> => {
    await timer(((tokens / TOKENS_PER_S) * 1_000 * caller) / count);
    for (let n = 0; n < answers; n++) heard.push(await ask(`${batch}-${caller}-${n}`, tokens));
  };
  await Promise.all(callers.slice(0, count).map(one));
}

/** What the last turn took. */
async function take({ tokens }: Pick<Turn, "tokens">): Promise<Taken> {
  const read = heard.map((one) => ({ one, tokens: tokensOf(one, tokens) }));
  return {
    first_ms: read.map(({ one }) => one.pieces[0]!.at_ms - one.asked_ms),
    token_ms: read.flatMap((answer) => answer.tokens.map(({ said_ms, read_ms }) => read_ms - said_ms)),
  };
}

const operations = { prepare, run, take };
export type Operations = typeof operations;

serve(operations, async () => void (await Promise.all(closing.map((close) => close()))));
