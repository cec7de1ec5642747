import { decodeEvent, type EventType, type Received } from "@gatehouse/events";
import type { ConsumerDeclaration } from "@gatehouse/streams";
import type { Msg } from "@nats-io/nats-core";
import { type DeliveryFacts, deliveryFacts } from "../bus/jetstream-message.ts";
import type { Delivery, Input, MessageContext } from "../service.ts";
import type { Verdict } from "../verdict.ts";
import { publishDeadLetter } from "./dead-letter.ts";
import { handlerContext } from "./handler-context.ts";
import type { Leash } from "./leash.ts";
import { type Origin, originOf } from "./origin.ts";
import { type History, NO_HISTORY, type Outcome, SETTLE_DEFAULTS, type Settlement, settle } from "./settle.ts";
import type { WorkShop } from "./work-shop.ts";

/** One delivered message on its way to a settlement. */
export interface MessageWork {
  readonly shop: WorkShop;
  readonly declaration: ConsumerDeclaration;
  readonly message: Msg;
  /** The input that reads a subject; null when the service has none. */
  readonly inputFor: (subject: string) => Input | null;
}

/** The same, with what its reply subject and headers say, read once. */
interface Job extends MessageWork {
  readonly facts: DeliveryFacts;
  readonly origin: Origin;
}

const HANDLER_DIED = "HANDLER_DIED";

/** Takes one message from the broker to its settlement on the wire. Never throws; never loses the message. */
export async function workMessage(work: MessageWork): Promise<void> {
  const { shop, declaration, message, inputFor } = work;
  const facts = deliveryFacts(message);
  shop.meters.stage("queue", Math.max(0, Date.now() - facts.time_ms) / 1_000);
  try {
    const job: Job = { shop, declaration, message, inputFor, facts, origin: originOf(message, facts) };
    const history = facts.deliveries > 1 ? await shop.attempts.find(declaration.durable, facts.seq) : NO_HISTORY;
    const crashes = facts.deliveries - 1 - history.failures - history.laters;
    if (facts.deliveries > 1) shop.meters.redelivered(declaration.durable);
    if (crashes >= SETTLE_DEFAULTS.max_crashes) {
      const reason = `The process died ${crashes} times with it`;
      return await bury(job, { code: HANDLER_DIED, message: reason }, history);
    }
    const alone = crashes >= SETTLE_DEFAULTS.alone_after_crashes;
    await shop.solitude.run(alone, () => workUntilSettled(job, history));
  } catch (error) {
    shop.log.warn(
      { ...facts, error: error instanceof Error ? error.message : String(error) },
      "message let go as the broker is away",
    );
    nak(work, 1_000);
  }
}

/** Tries again, holding the message, for as long as a dependency is down. */
async function workUntilSettled(job: Job, history: History): Promise<void> {
  const { shop, declaration } = job;
  while (true) {
    if (shop.pause.paused) await shop.pause.clear(shop.stopping);
    const outcome: Outcome = shop.stopping.aborted ? { kind: "stopped" } : await handle(job, history);
    const settlement = settle(
      outcome,
      history,
      { ...SETTLE_DEFAULTS, give_up_after_ms: declaration.give_up_after_ms },
      Date.now(),
    );
    if (settlement.kind !== "pause") return apply(job, settlement, history);
    shop.pause.report(settlement.dependency, settlement.message);
  }
}

function handle(job: Job, history: History): Promise<Outcome> {
  const { shop, declaration, facts, origin } = job;
  const { received, headers } = origin;
  const found = job.inputFor(received.subject);
  const run = async (leash: Leash): Promise<Verdict> => {
    const delivery = deliveryOf(facts.stream, received);
    const context = handlerContext(shop, leash, history.failures + 1, { delivery });
    const value = await context.stage("read", () => decodeEvent(found?.event as EventType, received));
    return found!.handle(value, context as MessageContext<object>);
  };
  const span = {
    service: shop.service,
    kind: "consumer",
    parent: headers,
    attributes: { "messaging.destination.name": received.subject },
  } as const;
  return shop.runs.run(
    (leash) => shop.telemetry.withSpan(`${declaration.durable} ${found?.event.name ?? ""}`, span, () => run(leash)),
    declaration.max_handling_ms,
  );
}

function deliveryOf(stream: string, { seq, subject, time_ms, msg_id }: Received): Delivery {
  return { stream, seq, subject, time_ms, msg_id };
}

async function apply(job: Job, settlement: Exclude<Settlement, { kind: "pause" }>, history: History): Promise<void> {
  const { shop, declaration, message } = job;
  const { seq, time_ms } = job.facts;
  shop.meters.settled(declaration.durable, settlement.kind);
  if (settlement.kind === "dead") return bury(job, settlement, history);
  if (settlement.kind === "done") {
    shop.bus.outbox.write(message.reply!, "+ACK");
    shop.meters.stage("total", Math.max(0, Date.now() - time_ms) / 1_000);
    if (history !== NO_HISTORY && history.last_code)
      await shop.attempts.forget(declaration.durable, seq).catch(() => {});
    return;
  }
  const { code, counts, delay_ms } = settlement;
  await shop.attempts.record(declaration.durable, seq, counted(history, counts, code));
  nak(job, delay_ms);
  if (counts !== "nothing")
    shop.log.warn(
      { consumer: declaration.durable, seq, code, reason: settlement.message, delay_ms },
      "message comes again",
    );
}

function counted(history: History, counts: "failure" | "later" | "nothing", code: string): History {
  return {
    failures: history.failures + (counts === "failure" ? 1 : 0),
    laters: history.laters + (counts === "failure" ? 0 : 1),
    first_refused_at_ms:
      counts === "nothing" ? history.first_refused_at_ms : (history.first_refused_at_ms ?? Date.now()),
    last_code: code,
  };
}

async function bury(
  job: Job,
  { code, message: reason }: { code: string; message: string },
  history: History,
): Promise<void> {
  const { shop, declaration, message, facts, origin } = job;
  const { received, headers } = origin;
  const attempts = history.failures + 1;
  const count = await shop.countDead(received.subject, code);
  if (count <= shop.max_dead_per_hour)
    await publishDeadLetter(shop.bus, {
      service: shop.service,
      consumer: declaration.durable,
      stream: facts.stream,
      seq: facts.seq,
      subject: received.subject,
      time_ms: received.time_ms,
      event_id: eventIdOf(job),
      headers,
      body: message.data,
      code,
      reason,
      history,
      attempts,
      now_ms: Date.now(),
    });
  shop.bus.outbox.write(message.reply!, "+TERM");
  await shop.attempts.forget(declaration.durable, facts.seq).catch(() => {});
  shop.meters.dead(code);
  shop.log.error(
    { consumer: declaration.durable, seq: facts.seq, subject: received.subject, code, reason, count },
    "message given up",
  );
}

/** The event's own id where the body can be read, else what the publisher called it. */
function eventIdOf({ origin, inputFor }: Job): string | null {
  const { received } = origin;
  try {
    const event = inputFor(received.subject)!.event as EventType;
    return event.id?.(decodeEvent(event, received) as never) ?? received.msg_id;
  } catch {
    return received.msg_id;
  }
}

function nak({ shop, message }: MessageWork, delay_ms: number): void {
  shop.bus.outbox.write(
    message.reply!,
    delay_ms > 0 ? `-NAK ${JSON.stringify({ delay: delay_ms * 1_000_000 })}` : "-NAK",
  );
}
