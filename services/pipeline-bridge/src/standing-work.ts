import { describeError, GatehouseError } from "@gatehouse/errors";
import { ack, type Catalogue, type DueContext, type Verdict } from "@gatehouse/runtime";
import { type Database, ensureDue, placesOfRuns, putDueIn } from "@gatehouse/store";
import type { Deps } from "./service.ts";
import { SERVICE } from "./service-name.ts";

const AFTER_A_BUG_MS = 1_000;
const OTHERS_MS = 5_000;

/** The key under which the open runs of a namespace are watched. */
export const watchKey = ({ engine, namespace }: { engine: string | null; namespace: string }): string =>
  `${engine}/${namespace}`;

/**
 * Sees to it that somebody submits to each engine, and watches each namespace: rows that stay, so that nobody who writes a run
 * down has to write one that all others write too. At every start and hourly.
 */
export async function ensureStanding(db: Database, catalogue: Catalogue): Promise<void> {
  const entries = catalogue.list().flatMap(({ name }) => catalogue.find(name) ?? []);
  const { waiting, open } = await placesOfRuns(db);
  const due_at_ms = Date.now();
  for (const key of new Set([...entries.map(({ engine }) => engine), ...waiting]))
    await ensureDue(db, { service: SERVICE, kind: "submit", key, due_at_ms });
  for (const key of new Set([...entries.map(watchKey), ...open]))
    await ensureDue(db, { service: SERVICE, kind: "watch", key, due_at_ms });
}

/**
 * Does standing work for a spell; then its row is due again, for whoever is free: later where this process has no such engine, as
 * another may have. It is never given up, whatever goes wrong.
 */
export async function attend(
  { db, due, log, signal }: DueContext<Deps>,
  { is_ours, work }: { is_ours: boolean; work(): Promise<void> },
): Promise<Verdict> {
  let wait_ms = is_ours ? 0 : OTHERS_MS;
  try {
    await work();
  } catch (error) {
    if (signal.aborted || (error instanceof GatehouseError && error.dependency !== null)) throw error;
    log.error({ kind: due.kind, key: due.key, reason: describeError(error).message }, "standing work failed");
    wait_ms = AFTER_A_BUG_MS;
  }
  await putDueIn(db, { service: SERVICE, kind: due.kind, key: due.key }, wait_ms);
  return ack;
}
