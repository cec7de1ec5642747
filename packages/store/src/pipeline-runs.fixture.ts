import { createHash } from "node:crypto";
import type { SeenRun } from "./observe-run.ts";
import { runStatuses } from "./pipeline-runs.ts";
import type { Database } from "./queryable.ts";
import { recordSubmitted, takeRuns } from "./submit-run.ts";
import { type NewRun, takeInRun } from "./take-in-run.ts";
import { useDatabases } from "./test-database.ts";

export const nameOf = (request_id: string): string =>
  `gh-${createHash("sha256").update(request_id).digest("hex").slice(0, 40)}`;

export const newRun = (request_id: string, own: Partial<NewRun> = {}): NewRun => ({
  request_id,
  pipeline: "batch-inference",
  engine: "argo",
  namespace: "ai",
  run_name: nameOf(request_id),
  parameters: { limit: 3, names: ["a", "b"] },
  origin: "request",
  refused: null,
  trace: {},
  ...own,
});

/** How an engine says a run is; `failed` unless it says that it is well. */
export const seen = (request_id: string, own: Partial<SeenRun> & Pick<SeenRun, "status" | "version">): SeenRun => ({
  engine: "argo",
  run_name: nameOf(request_id),
  run_id: nameOf(request_id),
  message: "",
  started_at_ms: null,
  ended_at_ms: null,
  outputs: null,
  artifacts: [],
  error: ["failed", "error"].includes(own.status) ? { code: "RUN_FAILED", message: "broke", retryable: true } : null,
  too_long: { code: "RUN_TIMEOUT", message: "too long", retryable: true },
  ...own,
});

/** A database of a test's own, and what tests of runs do with it. */
export function useRuns() {
  const databases = useDatabases();
  return async () => {
    const { db } = await databases.setup();
    const take = (most = 16, own: Partial<Parameters<typeof takeRuns>[1]> = {}) =>
      takeRuns(db, { engine: "argo", most, has_unique_names: true, except: [], per_min: {}, ...own });
    const due = async () =>
      (await db.query<{ due: string }>("select kind || ' ' || key as due from due order by 1")).map((row) => row.due);
    return {
      db,
      take,
      due,
      told: (request_id: string) => told(db, request_id),
      submit: (id: string) => submit(db, id),
    };
  };
}

async function told(db: Database, request_id: string): Promise<string[]> {
  const statuses = await runStatuses(db, request_id);
  return statuses.map(({ seq, status }) => `${seq} ${status}`);
}

/** Takes a run in and notes that its engine has it. */
async function submit(db: Database, request_id: string): Promise<void> {
  await takeInRun(db, newRun(request_id));
  const taken = await takeRuns(db, { engine: "argo", most: 1_000, has_unique_names: true, except: [], per_min: {} });
  const run = taken.find((one) => one.request_id === request_id)!;
  await recordSubmitted(db, run, { run_id: run.run_name, timeout_s: 60 });
}
