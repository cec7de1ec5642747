import { type Host, openCatalogue, type Started } from "@gatehouse/runtime";
import { countDeadLetter, createDueStore, openPostgres } from "@gatehouse/store";
import type { config } from "./config.ts";
import { dueForgetting } from "./ending/forget.ts";
import { Engines } from "./engines/engines.ts";
import { openHouse } from "./engines/local/open-house.ts";
import { openEngines } from "./engines/open-engines.ts";
import { readJoins } from "./firing/joins.ts";
import { putSchedules, readSchedules } from "./firing/schedules.ts";
import { PACE } from "./pace.ts";
import type { Deps } from "./service.ts";
import { ensureStanding } from "./standing-work.ts";
import { Nudges } from "./submitting/nudges.ts";

const FORGET_AFTER_MS = 60_000;
/** Runs in hand at each engine keep their leases beside those that are told of. */
const CONNECTIONS = 16;
/** Whoever asks how the service is does not wait longer for an engine. */
const PROBE_MS = 1_000;

/** Opens what the flow leans on. An engine that is away is waited for where it is needed, and holds up no other. */
export async function start(host: Host<typeof config>): Promise<Started<Deps>> {
  const { backing, config, service, bus, home, log, signal } = host;
  const catalogue = openCatalogue(config.pipelines);
  const db = openPostgres(backing.database_url, { name: service, max: CONNECTIONS });
  const engines = new Engines(openEngines(config.pipelines, { db, log }), PACE);
  const stop = async () => {
    await engines.close();
    await db.close();
  };
  const now_ms = Date.now();
  const [joins, schedules] = [readJoins(config.pipelines), readSchedules(config.pipelines)];
  const due = [
    ensureStanding(db, catalogue),
    dueForgetting(db, now_ms + FORGET_AFTER_MS),
    putSchedules(db, schedules, now_ms),
  ];
  await Promise.all(due).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const { settle_ms } = config.pipelines;
  const { pipelines_d } = config.retention;
  const fired = { joins, schedules, ...(await openHouse(home, config.models)) };
  const parts = { db, bus, catalogue, engines, nudges: new Nudges() };
  return {
    deps: { ...parts, ...fired, settle_ms, pace: PACE, pipelines_d, stopping: signal },
    dependencies: [{ name: "postgres", probe: (signal) => db.probe(signal) }],
    degraded: () => engines.faults(AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)])),
    dueStore: createDueStore(db),
    countDead: (subject, code) => countDeadLetter(db, subject, code, Date.now()),
    stop,
  };
}
