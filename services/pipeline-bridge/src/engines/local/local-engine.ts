import { setTimeout as wait } from "node:timers/promises";
import {
  cancelLocalRun,
  type Database,
  findLocalRuns,
  insertLocalRun,
  type LocalRun,
  PIPELINE_BRIDGE,
  putDue,
  type Queryable,
  reopenLocalRun,
} from "@gatehouse/store";
import { EngineRefusedError, RunGoneError } from "../../errors.ts";
import type { Engine, EngineRun, WatchTold } from "../engine.ts";
import { INGEST } from "./ingest.ts";

const PIPELINE = "document-ingestion";

/** Runs document-ingestion in this process: its runs are rows, and due work of the bridge goes on with them. */
export function createLocalEngine(db: Database, { look_every_ms = 250 }: { look_every_ms?: number } = {}): Engine {
  const one = async (run_name: string): Promise<EngineRun> => {
    const [run] = await findLocalRuns(db, [run_name]);
    if (!run) throw new RunGoneError(`Cannot find run "${run_name}" as it must be one of the house: it is not`);
    return engineRun(run);
  };
  return {
    name: "local",
    has_unique_names: true,
    async submit({ run_name, pipeline, parameters }) {
      if (pipeline !== PIPELINE)
        throw new EngineRefusedError(`Cannot run "${pipeline}" in the house as it must be ${PIPELINE}`);
      await db.transaction(async (tx) => {
        if (await insertLocalRun(tx, { run_name, parameters })) await dueIngest(tx, run_name);
      });
      return one(run_name);
    },
    async find(run_name) {
      return (await findLocalRuns(db, [run_name])).map(engineRun);
    },
    async cancel({ run_name }) {
      const message = "Cancelled: what had been put stays, nothing more is";
      if (!(await cancelLocalRun(db, run_name, message))) await one(run_name);
    },
    async retry({ run_name }) {
      await db.transaction(async (tx) => {
        if (await reopenLocalRun(tx, run_name)) await dueIngest(tx, run_name);
      });
      return one(run_name);
    },
    watch: (_namespace, told, { signal }) => watch(db, told, { signal, look_every_ms }),
    probe: (signal) => db.probe(signal),
    async close() {},
  };
}

function dueIngest(tx: Queryable, run_name: string): Promise<void> {
  return putDue(tx, { service: PIPELINE_BRIDGE, kind: INGEST, key: run_name, due_at_ms: Date.now() });
}

/** Told again is what changed since it was told here. */
async function watch(
  db: Database,
  told: WatchTold,
  { signal, look_every_ms }: { signal: AbortSignal; look_every_ms: number },
): Promise<void> {
  let seen = new Map<string, number>();
  while (!signal.aborted) {
    const open = await told.open();
    const found = new Map(
      (
        await findLocalRuns(
          db,
          open.map(({ run_name }) => run_name),
        )
      ).map((run) => [run.run_name, run]),
    );
    const now = new Map<string, number>();
    for (const placed of open) {
      const run = found.get(placed.run_name);
      if (!run) await told.gone(placed);
      else if (seen.get(run.run_name) !== run.version) await told.run(engineRun(run));
      if (run) now.set(run.run_name, run.version);
    }
    seen = now;
    await wait(look_every_ms, undefined, { signal }).catch(() => {});
  }
}

function engineRun({ run_name, state, message, outputs, version, ...times }: LocalRun): EngineRun {
  const { created_at_ms, started_at_ms, ended_at_ms } = times;
  const ids = { run_name, run_id: run_name };
  return { ...ids, status: state, message, version, created_at_ms, started_at_ms, ended_at_ms, outputs, artifacts: [] };
}
