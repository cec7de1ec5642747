import { describeError } from "@gatehouse/errors";
import { decodeEvent } from "@gatehouse/events";
import { answer } from "./answer.ts";
import { type DeadLetter, publishDeadLetter } from "./dead-letter.ts";
import type { MessageWork } from "./message-work.ts";
import { type History, NO_HISTORY, SETTLE_DEFAULTS, type Settlement } from "./settle.ts";
import { throughPauses } from "./through-pauses.ts";

/** What can be done with a message at once. */
export type Settled = Exclude<Settlement, { kind: "pause" }>;
type Again = Extract<Settlement, { kind: "again" }>;
type Dead = Extract<Settlement, { kind: "dead" }>;

export const HANDLER_DIED = "HANDLER_DIED";
const NOT_BURIED_MS = 1_000;

/** Does on the wire what was decided. @throws when the broker or a store is away while the service stops: the message is still held then */
export async function settleMessage(work: MessageWork, settlement: Settled, history: History): Promise<void> {
  if (settlement.kind === "done") return done(work, history);
  if (settlement.kind === "again") return again(work, settlement, history);
  const buried = await bury(work, settlement, history).catch((error: unknown) => notBuried(error));
  if (buried) return again(work, buried, history);
}

/** What could not be settled comes again. */
export function letGo(work: MessageWork, error: unknown): void {
  const { shop, declaration, facts } = work;
  const { code, message: reason } = describeError(error);
  shop.log.warn({ consumer: declaration.durable, seq: facts.seq, code, reason }, "message let go unsettled");
  nak(work, NOT_BURIED_MS);
}

async function done(work: MessageWork, history: History): Promise<void> {
  const { shop, declaration, facts, message } = work;
  answer(work, "+ACK");
  shop.meters.settled(declaration.durable, "done");
  const { seq, deliveries: attempt, time_ms } = facts;
  const ms = Math.max(0, Date.now() - time_ms);
  shop.meters.stage("total", ms / 1_000);
  shop.log.info({ consumer: declaration.durable, seq, subject: message.subject, attempt, ms }, "message handled");
  await forget(work, history);
}

async function again(work: MessageWork, { code, counts, delay_ms, message: reason }: Again, history: History) {
  const { shop, declaration, facts } = work;
  const counted: History = {
    failures: history.failures + (counts === "failure" ? 1 : 0),
    laters: history.laters + (counts === "failure" ? 0 : 1) + work.again,
    alone: 0,
    first_refused_at_ms:
      counts === "nothing" ? history.first_refused_at_ms : (history.first_refused_at_ms ?? Date.now()),
    last_code: code,
  };
  await throughPauses(shop, () => shop.attempts.record(declaration.durable, facts.seq, counted));
  nak(work, delay_ms);
  shop.meters.settled(declaration.durable, "again");
  shop.log.warn({ consumer: declaration.durable, seq: facts.seq, code, reason, delay_ms }, "message comes again");
}

/** A dead letter that cannot be kept: the message stays, and is not blamed for it. */
function notBuried(error: unknown): Again {
  const { code, message } = describeError(error);
  return { kind: "again", counts: "nothing", delay_ms: NOT_BURIED_MS, code, message };
}

async function bury(work: MessageWork, { code, message: reason }: Dead, history: History): Promise<void> {
  const { shop, declaration, facts, message } = work;
  const { received, headers } = work.origin;
  const tries = history.failures + history.laters + (code === HANDLER_DIED ? SETTLE_DEFAULTS.max_crashes : 1);
  const { count, undo } = await throughPauses(shop, () => shop.countDead(received.subject, code));
  const letter: DeadLetter = {
    service: shop.service,
    consumer: declaration.durable,
    stream: facts.stream,
    seq: facts.seq,
    subject: received.subject,
    time_ms: received.time_ms,
    event_id: eventIdOf(work),
    headers,
    body: message.data,
    code,
    reason,
    history,
    attempts: tries,
    now_ms: Date.now(),
  };
  if (count <= shop.max_dead_per_hour)
    await publishDeadLetter(shop.bus, letter).catch(async (error: unknown) => {
      await undo().catch(() => {});
      throw error;
    });
  answer(work, "+TERM");
  shop.meters.settled(declaration.durable, "dead");
  shop.meters.dead(code);
  shop.log.error(
    { consumer: declaration.durable, seq: facts.seq, subject: received.subject, code, reason, count },
    "message given up",
  );
  await forget(work, history);
}

/** The event's own id where the body can be read, else what the publisher called it. */
function eventIdOf({ origin: { received }, inputFor }: MessageWork): string | null {
  try {
    const { event } = inputFor(received.subject)!;
    return event.id?.(decodeEvent(event, received) as never) ?? received.msg_id;
  } catch {
    return received.msg_id;
  }
}

/** Removes what was recorded; where that fails it ages out of the bucket. */
async function forget({ shop, declaration, facts }: MessageWork, history: History): Promise<void> {
  if (history !== NO_HISTORY) await shop.attempts.forget(declaration.durable, facts.seq).catch(() => {});
}

function nak(work: MessageWork, delay_ms: number): void {
  const delay = Math.round(delay_ms * 1_000_000);
  answer(work, delay > 0 ? `-NAK ${JSON.stringify({ delay })}` : "-NAK");
}
