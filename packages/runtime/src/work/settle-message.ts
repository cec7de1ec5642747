import { describeError, GatehouseError } from "@gatehouse/errors";
import { decodeEvent } from "@gatehouse/events";
import { answer } from "./answer.ts";
import type { MessageWork } from "./message-work.ts";
import { HANDLER_DIED, type History, NO_HISTORY, NOT_BURIED_MS, SETTLE_DEFAULTS, type Settlement } from "./settle.ts";
import { throughPauses } from "./through-pauses.ts";

/** What can be done with a message at once. */
export type Settled = Exclude<Settlement, { kind: "pause" }>;
type Again = Extract<Settlement, { kind: "again" }>;
type Dead = Extract<Settlement, { kind: "dead" }>;

/** Does on the wire what was decided. @throws when the broker or a store is away while the service stops: the message is still held then */
export function settleMessage(work: MessageWork, settlement: Settled, history: History): Promise<void> | undefined {
  if (settlement.kind === "done") return done(work, history);
  if (settlement.kind === "again") return again(work, settlement, history);
  return buryOrLeave(work, settlement, history);
}

async function buryOrLeave(work: MessageWork, settlement: Dead, history: History): Promise<void> {
  const failed = await bury(work, settlement, history).catch((error: unknown) => notBuried(work, error));
  if (failed) return again(work, failed, history, settlement.code === HANDLER_DIED ? history.alone : 0);
}

/** What could not be settled comes again. */
export function letGo(work: MessageWork, error: unknown): void {
  const { shop, declaration, facts } = work;
  const { code, message: reason } = describeError(error);
  shop.log.warn({ consumer: declaration.durable, seq: facts.seq, code, reason }, "message let go unsettled");
  nak(work, NOT_BURIED_MS);
}

/** What failed before leaves something to forget; most messages did not, and are done at once. */
function done(work: MessageWork, history: History): Promise<void> | undefined {
  const { shop, declaration, facts, message } = work;
  answer(work, "+ACK");
  shop.meters.settled(declaration.durable, "done");
  const { seq, deliveries: attempt, time_ms } = facts;
  const ms = Math.max(0, Date.now() - time_ms);
  shop.meters.stage("total", ms / 1_000);
  shop.log.info({ consumer: declaration.durable, seq, subject: message.subject, attempt, ms }, "message handled");
  return history === NO_HISTORY ? undefined : forget(work);
}

async function again(
  work: MessageWork,
  { code, counts, delay_ms, message: reason }: Again,
  history: History,
  alone = 0,
) {
  const { shop, declaration, facts } = work;
  const counted: History = {
    failures: history.failures + (counts === "failure" ? 1 : 0),
    laters: history.laters + (counts === "failure" ? 0 : 1) + work.again,
    alone,
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
function notBuried({ shop }: MessageWork, error: unknown): Again {
  const { code, message } = describeError(error);
  const dependency = error instanceof GatehouseError ? error.dependency : null;
  // A broker without the dead letters' stream may have all others.
  if (dependency !== null && dependency !== "broker") shop.pause.report(dependency, message);
  return { kind: "again", counts: "nothing", delay_ms: NOT_BURIED_MS, code, message };
}

async function bury(work: MessageWork, { code, message: reason }: Dead, history: History): Promise<void> {
  const { shop, declaration, facts, message } = work;
  const { received, headers } = work.origin;
  await shop.giveUp({
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
    attempts: history.failures + history.laters + (code === HANDLER_DIED ? SETTLE_DEFAULTS.max_crashes : 1),
    first_failed_at_ms: history.first_refused_at_ms,
  });
  answer(work, "+TERM");
  shop.meters.settled(declaration.durable, "dead");
  if (history !== NO_HISTORY) await forget(work);
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
async function forget({ shop, declaration, facts }: MessageWork): Promise<void> {
  await shop.attempts.forget(declaration.durable, facts.seq).catch(() => {});
}

function nak(work: MessageWork, delay_ms: number): void {
  const delay = Math.round(delay_ms * 1_000_000);
  answer(work, delay > 0 ? `-NAK ${JSON.stringify({ delay })}` : "-NAK");
}
