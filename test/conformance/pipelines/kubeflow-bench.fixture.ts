import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServers } from "@gatehouse/local";
import { type EngineRun, KubeflowEngine, type NewEngineRun, type Settled, settle } from "@gatehouse/pipeline-bridge";
import {
  type Database,
  endUnplaced,
  findRun,
  migrate,
  openPostgres,
  postponeRun,
  recordSubmitted,
  type TakenRun,
  takeInRun,
  takeRuns,
} from "@gatehouse/store";
import { afterAll, beforeAll, beforeEach, onTestFinished } from "vitest";
import { copyBlankPostgres } from "../../harness/blank-postgres.ts";
import { runsOf, turnSwitches } from "../../harness/engines/engine-client.ts";
import { startKubeflowEngine } from "../../harness/engines/kubeflow-engine.ts";
import { type KeptRun, stateOf } from "../../harness/engines/kubeflow-runs.ts";
import type { Fault, Script } from "../../harness/engines/switches.ts";
import { until } from "../../harness/until.ts";
import { newFile } from "./kubeflow-client.fixture.ts";

export const NEVER: Script = { steps: [{ state: "running", after_ms: 0 }] };
export const CREATE = "RunService_CreateRun";
export const LIST = "RunService_ListRuns";
export const nameOf = (request_id: string): string =>
  `gh-${createHash("sha256").update(request_id).digest("hex").slice(0, 40)}`;

const entry = {
  pipeline: "rag-query",
  engine: "kubeflow",
  template: null,
  pipeline_id: "p-1",
  version_id: null,
  experiment_id: null,
  namespace: "ml",
  parameters: null,
  per_min: null,
  timeout_s: 60,
} as const;

/** One Postgres for the tests of a file; a Kubeflow and empty tables for each of them. */
export function useKubeflow() {
  let db: Database;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const dir = mkdtempSync(join(tmpdir(), "gatehouse-test-"));
    copyBlankPostgres(dir);
    const { postgres } = await startServers(dir, ["postgres"]);
    await migrate(postgres.url);
    db = openPostgres(postgres.url, { name: "test" });
    stop = async () => {
      await db.close();
      await postgres.stop();
      rmSync(dir, { recursive: true, force: true });
    };
  });
  afterAll(() => stop());
  beforeEach(() => db.query("truncate pipeline_runs, due cascade"));
  return (before: OldRun[] = []) => setUp(db, before);
}

/** A run that a Kubeflow has before the test begins. */
export interface OldRun {
  run_id: string;
  request_id: string;
  age_ms: number;
  state?: string;
}

export type Bench = Awaited<ReturnType<typeof setUp>>;

async function setUp(db: Database, before: OldRun[]) {
  const file = newFile("runs.jsonl");
  const now_ms = Date.now();
  writeFileSync(file, before.flatMap((each) => journalOf(each, now_ms)).join(""));
  const server = await startKubeflowEngine({ file });
  const settings = { url: server.url, namespace: "ml", ca_file: null, timeout_ms: 5_000 };
  const engine = new KubeflowEngine(settings);
  onTestFinished(async () => {
    await engine.close();
    await server.stop();
  });
  await turnSwitches(server.url, { script: NEVER });
  const signal = AbortSignal.timeout(60_000);
  const run = async (request_id = "r-1") => (await findRun(db, request_id))!;
  const kept = () => runsOf<KeptRun>(server.url);
  return {
    db,
    engine,
    signal,
    url: server.url,
    run,
    kept,
    fail: (operation: string, fault: Fault, count = 1) =>
      turnSwitches(server.url, { faults: [{ operation, count, fault }] }),
    /** Ids of the runs that were not asked to end. */
    lasting: async () =>
      (await kept()).filter((each) => each.terminate_asked_at_ms === null).map((each) => each.run_id),
    states: async () => Object.fromEntries((await kept()).map((each) => [each.run_id, stateOf(each)])),
    due: async () => (await db.query<{ kind: string }>("select kind from due order by 1")).map((row) => row.kind),
    ask: (request_id = "r-1") => takeInRun(db, newRun(request_id)),
    take: async () => (await take(db))[0],
    settle: (taken: TakenRun, settle_ms = 0, by: AbortSignal = signal) =>
      settle(taken, asked(taken), { db, engine, settle_ms, signal: by }),
    post: (request_id = "r-1") => engine.submit(asked({ request_id }), { signal }),
    record: (taken: TakenRun, { run_id }: Pick<EngineRun, "run_id">) =>
      recordSubmitted(db, taken, { run_id, timeout_s: 60 }),
    submit: (settle_ms = 0) => submit(db, (taken) => settle(taken, asked(taken), { db, engine, settle_ms, signal })),
  };
}

const take = (db: Database) =>
  takeRuns(db, { engine: "kubeflow", most: 1, has_unique_names: false, except: [], per_min: {} });

/** Takes the one run that waits again and again, until its engine has it or it has ended. */
async function submit(db: Database, settled: (taken: TakenRun) => Promise<Settled>): Promise<Settled[]> {
  const seen: Settled[] = [];
  await until("the run is settled", async () => {
    const [taken] = await take(db);
    if (!taken) return false;
    const became = await settled(taken);
    seen.push(became);
    if (became.outcome === "placed") return recordSubmitted(db, taken, { run_id: became.run.run_id, timeout_s: 60 });
    if (became.outcome === "unplaced") await endUnplaced(db, taken, null);
    if (became.outcome === "waits") await postponeRun(db, taken, became);
    if (became.outcome === "failed")
      await postponeRun(db, taken, { not_before_ms: null, why: became.error.message, ...became });
    return became.outcome === "unplaced";
  });
  return seen;
}

const asked = ({ request_id }: Pick<TakenRun, "request_id">): NewEngineRun => ({
  run_name: nameOf(request_id),
  request_id,
  pipeline: "rag-query",
  entry,
  parameters: { question: "who?" },
});

const newRun = (request_id: string) => ({
  request_id,
  pipeline: "rag-query",
  engine: "kubeflow",
  namespace: "ml",
  run_name: nameOf(request_id),
  parameters: { question: "who?" },
  origin: "request",
  refused: null,
  trace: {},
});

/** A run as the engine writes it down, so that it was made at a time of the test's choice. */
function journalOf({ run_id, request_id, age_ms, state }: OldRun, now_ms: number): string[] {
  const given = {
    display_name: nameOf(request_id),
    pipeline_version_reference: { pipeline_id: "p-1" },
    runtime_config: { parameters: {} },
  };
  const at_ms = now_ms - age_ms;
  const lines: object[] = [{ kind: "created", run_id, given, script: { steps: [] }, at_ms, late: null }];
  if (state) lines.push({ kind: "state", run_id, state, message: "", at_ms: at_ms + 1 });
  return lines.map((line) => `${JSON.stringify(line)}\n`);
}
