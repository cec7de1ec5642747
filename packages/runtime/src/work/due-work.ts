import { describeError, GatehouseError } from "@gatehouse/errors";
import { encode } from "@gatehouse/events";
import type { DueRow, DueStore } from "../due-store.ts";
import type { DueContext, DueHandler } from "../service.ts";
import { dueSubject, givenUpBody } from "./due-redrive.ts";
import { handlerContext } from "./handler-context.ts";
import type { Leash } from "./leash.ts";
import { renewUntilLost } from "./renew-until-lost.ts";
import {
  HANDLER_DIED,
  type History,
  NO_HISTORY,
  NOT_BURIED_MS,
  type Outcome,
  SETTLE_DEFAULTS,
  type Settlement,
  STOPPED,
  settle,
} from "./settle.ts";
import { throughPauses } from "./through-pauses.ts";
import type { WorkShop } from "./work-shop.ts";

/** How the rows of one kind are worked on. */
export interface DueWorkOptions {
  readonly handle: DueHandler<object>;
  readonly max_handling_ms: number;
  readonly alone_after_crashes: number;
}

/** One claimed row on its way to a settlement. */
export interface DueWork extends DueWorkOptions {
  readonly shop: WorkShop;
  readonly store: DueStore;
  readonly row: DueRow;
  readonly lease_ms: number;
  /** When the claim was asked for, by the monotonic clock. */
  readonly asked_ms: number;
}

/** The store waits, so a handler may ask for any delay. */
const LIMITS = Object.freeze({
  ...SETTLE_DEFAULTS,
  give_up_after_ms: 15 * 86_400_000,
  max_delay_ms: Number.MAX_SAFE_INTEGER,
});

/**
 * Takes one claimed row to its settlement, holding its lease. Whoever lost that, as after a pause of the process, must
 * not go on beside its successor: the handler's signal aborts. Never throws; what is not settled is claimed again.
 */
export async function workDue(work: DueWork): Promise<void> {
  const { shop, store, row, lease_ms, asked_ms } = work;
  const done = new AbortController();
  const lost = new AbortController();
  const renewing = renewUntilLost({ lease_ms, asked_ms, renew: () => store.extend(row, lease_ms) }, done.signal).then(
    (isLost) => {
      if (!isLost) return;
      shop.log.warn({ kind: row.kind, key: row.key }, "lease of due work lost");
      lost.abort(new Error("The lease of the row was lost"));
    },
  );
  try {
    await settleDue(work, await settlementOf(work, lost.signal));
  } catch (error) {
    const { code, message: reason } = describeError(error);
    shop.log.error({ kind: row.kind, key: row.key, code, reason }, "due work could not be settled");
  }
  done.abort();
  await renewing;
}

async function settlementOf(work: DueWork, lost: AbortSignal): Promise<Settlement> {
  const { shop, row, alone_after_crashes } = work;
  const { max_crashes } = SETTLE_DEFAULTS;
  if (row.crashes >= max_crashes && Number.isFinite(alone_after_crashes))
    return { kind: "dead", code: HANDLER_DIED, message: `The process died ${row.crashes} times with it` };
  const outcome = await takeTurn(work, lost);
  const watches = (dependency: string) => shop.pause.watches(dependency);
  // What a handler throws because it was aborted is nobody's failure.
  const own = lost.aborted && outcome.kind === "threw" ? STOPPED : outcome;
  return settle(own, historyOf(row), { ...LIMITS, watches }, Date.now());
}

/** Runs the handler when it is its turn: beside others, or alone on suspicion; at once where the handler sees to work that kills. */
async function takeTurn(work: DueWork, lost: AbortSignal): Promise<Outcome> {
  const { shop, store, row } = work;
  const over = AbortSignal.any([shop.stopping, lost]);
  const alone = row.crashes >= work.alone_after_crashes;
  const turn = async (): Promise<Outcome> => {
    if (over.aborted || (alone && !(await store.beginAlone(row)))) return STOPPED;
    return handle(work, lost);
  };
  try {
    if (!Number.isFinite(work.alone_after_crashes)) return await turn();
    return (await shop.solitude.run(alone, over, turn)) ?? STOPPED;
  } catch (error) {
    return { kind: "threw", error };
  }
}

function handle({ shop, handle, row, max_handling_ms }: DueWork, lost: AbortSignal): Promise<Outcome> {
  const { service, telemetry, runs } = shop;
  const span = {
    service,
    kind: "consumer",
    parent: row.trace,
    attributes: { "gatehouse.due.key": row.key },
  } as const;
  const run = async (leash: Leash) => {
    const context = handlerContext(shop, leash, row.failures + 1, { due: row });
    return handle(row.payload, context as DueContext<object>);
  };
  return runs.run((leash) => telemetry.withSpan(`due ${row.kind}`, span, () => run(leash)), max_handling_ms, lost);
}

async function settleDue(work: DueWork, settlement: Settlement): Promise<void> {
  const { shop, store, row } = work;
  shop.meters.settled(`due.${row.kind}`, settlement.kind);
  if (settlement.kind === "done") return settlement.is_removed ? undefined : remove(work);
  if (settlement.kind === "dead") return bury(work, settlement);
  if (settlement.kind === "pause") shop.pause.report(settlement.dependency, settlement.message);
  const { delay_ms, counts } = settlement.kind === "again" ? settlement : ({ delay_ms: 0, counts: "nothing" } as const);
  await record(shop, () => store.postpone(row, Date.now() + delay_ms, counts));
}

/** What was written again while it was worked on is due now. */
async function remove({ shop, store, row }: DueWork): Promise<void> {
  if (!(await record(shop, () => store.remove(row)))) shop.wakeDue(row.kind);
}

/** A dead letter that cannot be kept: the row stays, as if it had not been claimed. */
async function bury(work: DueWork, { code, message: reason }: Extract<Settlement, { kind: "dead" }>): Promise<void> {
  const { shop, store, row } = work;
  const { kind, key, version } = row;
  try {
    await shop.giveUp({
      id: `due.${shop.service}.${kind}.${key}.${version}`,
      consumer: `due-${kind}`,
      stream: "due",
      seq: version,
      subject: dueSubject(shop.service, kind),
      time_ms: row.due_at_ms,
      event_id: key,
      headers: row.trace,
      body: encode(givenUpBody(row)),
      code,
      reason,
      attempts: code === HANDLER_DIED ? row.crashes : row.failures + 1,
      first_failed_at_ms: row.first_refused_at_ms,
      always: true,
    });
  } catch (error) {
    shop.log.warn({ kind, key, code, reason: describeError(error).message }, "due work could not be given up");
    return record(shop, () => store.postpone(row, Date.now() + NOT_BURIED_MS, "nothing"));
  }
  await remove(work);
}

/** Writes what became of a row. While the store is away it waits: what was not heard of counts as a crash. */
async function record<T>(shop: WorkShop, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const dependency = error instanceof GatehouseError ? error.dependency : null;
    if (dependency === null || shop.stopping.aborted) throw error;
    shop.pause.report(dependency, (error as GatehouseError).message);
    return throughPauses(shop, write);
  }
}

/** A row does not count how often it was refused: it waits as long again as it has waited, like one that doubles. */
function historyOf({ failures, first_refused_at_ms }: DueRow): History {
  const since_ms = first_refused_at_ms === null ? 0 : Math.max(0, Date.now() - first_refused_at_ms);
  return { ...NO_HISTORY, failures, first_refused_at_ms, laters: Math.floor(Math.log2(1 + since_ms / 500)) };
}
