import { setTimeout as wait } from "node:timers/promises";
import { describeError } from "@gatehouse/errors";
import { ack, type DueContext, type Verdict } from "@gatehouse/runtime";
import {
  type Database,
  endLocalRun,
  failedDocuments,
  findLocalRuns,
  type LocalRun,
  type LocalRunProgress,
  listLocalRun,
  localRunParameters,
  moveDue,
  PIPELINE_BRIDGE,
  settleRunDocuments,
  tellLocalRun,
  waitingDocuments,
} from "@gatehouse/store";
import { PathRefusedError } from "../../errors.ts";
import { type IngestionParameters, ingestionParameters } from "./ingestion-parameters.ts";
import { endWords, progressWords } from "./ingestion-words.ts";
import { listFiles } from "./list-files.ts";
import { passedWords } from "./passed-over.ts";
import { putRunDocument } from "./put-document.ts";

export const INGEST = "ingest";

/** What taking documents in leans on. */
export interface IngestDeps {
  readonly db: Database;
  /** Where files are taken from. */
  readonly documents_folder: string;
  /** From when on a document counts as taken in: `indexing` where nothing makes vectors. */
  readonly documents_ready_when: readonly ("ready" | "indexing")[];
  /** The service stops: what waits gives way. */
  readonly stopping: AbortSignal;
}
type Context = DueContext<IngestDeps>;

/** Of one run, so many texts wait to be read: each is kept in Postgres until then. */
const MOST_UNREAD = 16;
const LOOK = { least_ms: 100, most_ms: 2_000, most_while_putting_ms: 300, of_age: 0.1 };
/** Two runs go on at once in a process. */
const SPELL_MS = 2_000;
const FAULTS_TOLD = 5;

/**
 * A run of document-ingestion goes on for a spell: what it consists of, some documents, how they are. Then others have their
 * turn. Key: run_name.
 */
export async function ingest(_payload: unknown, context: Context): Promise<Verdict> {
  const { db, due, stage, signal, stopping } = context;
  const over = AbortSignal.any([signal, stopping]);
  const ends_ms = performance.now() + SPELL_MS;
  let wait_ms = await step(context);
  while (wait_ms !== null && !over.aborted && performance.now() + wait_ms < ends_ms) {
    await wait(wait_ms, undefined, { signal: over }).catch(() => {});
    if (!over.aborted) wait_ms = await step(context);
  }
  signal.throwIfAborted();
  if (wait_ms === null) return ack;
  const due_at_ms = Date.now() + wait_ms;
  await stage("due", () => moveDue(db, { service: PIPELINE_BRIDGE, kind: INGEST, key: due.key, due_at_ms }));
  return ack;
}

/** One step. Resolves with when the next one is worth while; null: the run has ended. */
async function step(context: Context): Promise<number | null> {
  const { db, due, stage, signal, is_last_attempt } = context;
  const [run] = await stage("find", () => findLocalRuns(db, [due.key]));
  if (!run || run.ended_at_ms !== null) return null;
  try {
    return await goOn(run, context);
  } catch (error) {
    if (!is_last_attempt || signal.aborted) throw error;
    await endLocalRun(db, run.run_name, { state: "failed", message: describeError(error).message, outputs: null });
    throw error;
  }
}

async function goOn(run: LocalRun, context: Context): Promise<number | null> {
  const { db, stage, documents_ready_when: ready_when } = context;
  const { run_name } = run;
  const parameters = ingestionParameters(await localRunParameters(db, run_name));
  const fault = run.listed ? null : await stage("list", () => listDocuments(run_name, parameters, context));
  if (fault) {
    await stage("end", () => endLocalRun(db, run_name, { state: "failed", message: fault, outputs: null }));
    return null;
  }
  const look = () => settleRunDocuments(db, run_name, { ready_when });
  await stage("put", async () => putSome(run_name, parameters, { most: MOST_UNREAD - (await look()).unread, context }));
  const progress = await stage("look", look);
  if (progress.waiting + progress.put > 0) {
    await stage("tell", () => tellLocalRun(db, { run_name, message: progressWords(progress) }));
    return untilNext(run, progress);
  }
  await stage("end", () => end(run_name, progress, context));
  return null;
}

/** Why there is nothing to list; null: it is written down what there is. */
async function listDocuments(
  run_name: string,
  parameters: IngestionParameters,
  { db, documents_folder, signal }: Context,
): Promise<string | null> {
  try {
    const { names, note } =
      "text" in parameters
        ? { names: [parameters.uri], note: "" }
        : await filesIn(documents_folder, parameters.path, signal);
    await db.transaction((tx) => listLocalRun(tx, { run_name, names, note }));
    return null;
  } catch (error) {
    if (error instanceof PathRefusedError) return error.message;
    throw error;
  }
}

async function filesIn(folder: string, path: string, signal: AbortSignal): Promise<{ names: string[]; note: string }> {
  const { names, passed } = await listFiles(folder, path, { signal });
  return { names, note: passedWords(passed) };
}

async function putSome(
  run_name: string,
  parameters: IngestionParameters,
  { most, context }: { most: number; context: Context },
): Promise<void> {
  const { db, documents_folder: folder, signal } = context;
  const putting = { run_name, parameters, folder, trace: context.trace() };
  for (const name of await waitingDocuments(db, run_name, Math.max(0, most))) {
    signal.throwIfAborted();
    await putRunDocument(db, { ...putting, name });
  }
}

/** The longer a run takes, the less often it is looked at. */
function untilNext({ created_at_ms }: LocalRun, { waiting }: LocalRunProgress): number {
  const age_ms = Date.now() - created_at_ms;
  const most_ms = waiting > 0 ? LOOK.most_while_putting_ms : LOOK.most_ms;
  return Math.min(most_ms, Math.max(LOOK.least_ms, age_ms * LOOK.of_age));
}

async function end(run_name: string, progress: LocalRunProgress, { db }: Context): Promise<void> {
  const [run] = await findLocalRuns(db, [run_name]);
  const faults = progress.failed > 0 ? await failedDocuments(db, run_name, FAULTS_TOLD) : [];
  await endLocalRun(db, run_name, {
    state: progress.failed > 0 ? "failed" : "succeeded",
    message: endWords(progress, { faults, note: run?.note ?? "" }),
    outputs: { documents: progress.ready, passages: progress.passages, unchanged: progress.unchanged },
  });
}
