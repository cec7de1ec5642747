import { decodeEvent, type Received } from "@gatehouse/events";
import type { ConsumerDeclaration } from "@gatehouse/streams";
import type { Msg } from "@nats-io/nats-core";
import type { DeliveryFacts } from "../bus/jetstream-message.ts";
import { NoInputError } from "../errors.ts";
import type { Delivery, Input, MessageContext } from "../service.ts";
import type { Verdict } from "../verdict.ts";
import { handlerContext } from "./handler-context.ts";
import type { Leash } from "./leash.ts";
import type { Origin } from "./origin.ts";
import {
  HANDLER_DIED,
  type History,
  NO_HISTORY,
  type Outcome,
  SETTLE_DEFAULTS,
  type SettleLimits,
  STOPPED,
  settle,
} from "./settle.ts";
import { letGo, settleMessage } from "./settle-message.ts";
import { stageAtOnce } from "./stages.ts";
import { throughPauses } from "./through-pauses.ts";
import type { WorkShop } from "./work-shop.ts";

/** One delivered message on its way to a settlement. */
export interface MessageWork {
  readonly shop: WorkShop;
  readonly declaration: ConsumerDeclaration;
  readonly limits: SettleLimits;
  /** Of its first delivery to this process. */
  readonly facts: DeliveryFacts;
  readonly origin: Origin;
  /** Its newest delivery: only that one can be let go. */
  message: Msg;
  /** How often it was delivered again while it was in hand here: that killed nobody. */
  again: number;
  /** Its consumer was deleted: made anew, the same sequence may be another message. */
  gone: boolean;
  /** When the broker last heard of it, by the monotonic clock. */
  told_ms: number;
  /** The input that reads a subject; null when the service has none. */
  readonly inputFor: (subject: string) => Input | null;
}

/** Takes one message from the broker to its settlement on the wire. Never throws; never loses the message. */
export function workMessage(work: MessageWork): Promise<void> {
  const { shop, facts } = work;
  shop.meters.stage("queue", Math.max(0, Date.now() - facts.time_ms) / 1_000);
  return facts.deliveries > 1 ? workAgain(work) : handleThroughPauses(work, NO_HISTORY, false);
}

async function workAgain(work: MessageWork): Promise<void> {
  const { shop, declaration, facts } = work;
  try {
    const history = await throughPauses(shop, () => shop.attempts.find(declaration.durable, facts.seq));
    shop.meters.redelivered(declaration.durable);
    const crashes = facts.deliveries - 1 - history.failures - history.laters;
    const suspect = crashes >= SETTLE_DEFAULTS.alone_after_crashes;
    const deaths = SETTLE_DEFAULTS.alone_after_crashes + history.alone;
    if (!suspect || deaths < SETTLE_DEFAULTS.max_crashes) return await handleThroughPauses(work, history, suspect);
    const message = `The process died ${deaths} times with it`;
    await settleMessage(work, { kind: "dead", code: HANDLER_DIED, message }, history);
  } catch (error) {
    letGo(work, error);
  }
}

/** Tries again, holding the message, for as long as a dependency is down. Whoever works alone waits beside others. */
async function handleThroughPauses(work: MessageWork, before: History, alone: boolean): Promise<void> {
  const { pause, solitude, stopping } = work.shop;
  let history = before;
  const turn = (): Promise<Outcome> => {
    if (stopping.aborted) return Promise.resolve(STOPPED);
    if (!alone) return handle(work, history);
    history = { ...history, alone: history.alone + 1 };
    return handleSuspect(work, history);
  };
  try {
    while (true) {
      if (pause.paused) await pause.clear(stopping);
      const is_free = work.declaration.beside_suspects === true && !alone;
      const outcome = is_free ? await turn() : ((await solitude.run(alone, stopping, turn)) ?? STOPPED);
      const settlement = settle(outcome, history, work.limits, Date.now());
      if (settlement.kind !== "pause") return await settleMessage(work, settlement, history);
      history = { ...history, alone: before.alone };
      pause.report(settlement.dependency, settlement.message);
    }
  } catch (error) {
    letGo(work, error);
  }
}

/** Records that a suspect begins, so that it, and nobody who waits, is blamed for what comes. */
async function handleSuspect(work: MessageWork, history: History): Promise<Outcome> {
  const { shop, declaration, facts } = work;
  try {
    await shop.attempts.record(declaration.durable, facts.seq, history);
  } catch (error) {
    return { kind: "threw", error };
  }
  return handle(work, history);
}

function handle(work: MessageWork, history: History): Promise<Outcome> {
  const { shop, declaration, facts } = work;
  const { received, headers } = work.origin;
  const found = work.inputFor(received.subject);
  if (!found) return Promise.resolve({ kind: "threw", error: unread(shop.service, received.subject) });
  const run = (leash: Leash): Promise<Verdict> => {
    const delivery = deliveryOf(facts.stream, received);
    const context = handlerContext(shop, leash, history.failures + 1, { delivery }) as MessageContext<object>;
    let value: unknown;
    try {
      value = stageAtOnce(shop, "read", () => decodeEvent(found.event, received));
    } catch (error) {
      return refuse(found, received, error, context);
    }
    if (!shop.onStage) return found.handle(value, context);
    return Promise.resolve(shop.onStage("read")).then(() => found.handle(value, context));
  };
  const span = {
    service: shop.service,
    kind: "consumer",
    parent: headers,
    attributes: { "messaging.destination.name": received.subject },
  } as const;
  return shop.runs.run(
    (leash) => shop.telemetry.withSpan(`${declaration.durable} ${found.event.name}`, span, () => run(leash)),
    declaration.max_handling_ms,
  );
}

async function refuse(
  found: Input,
  received: Received,
  error: unknown,
  context: MessageContext<object>,
): Promise<never> {
  await found.refused?.(received, error, context);
  throw error;
}

function unread(service: string, subject: string): Error {
  return new NoInputError(`Cannot handle "${subject}" as no input of ${service} reads it`);
}

function deliveryOf(stream: string, { seq, subject, time_ms, msg_id }: Received): Delivery {
  return { stream, seq, subject, time_ms, msg_id };
}
