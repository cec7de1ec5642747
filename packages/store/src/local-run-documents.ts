import type { Queryable } from "./queryable.ts";

/** One document of a run of the house. Written by pipeline-bridge. */
export interface LocalRunDocument {
  run_name: string;
  /** Of a file: its path in the folder of documents. Of a text: its uri. */
  name: string;
  /** `put`: it is taken in, and being read and indexed. */
  state: "waiting" | "put" | "ready" | "failed";
  document_id: string | null;
  /** It had been taken in before, just as it is. */
  unchanged: boolean;
  /** Into how many it was split. */
  passages: number;
  /** For people. */
  error: string | null;
}

/** How many documents of a run are in which state. */
export interface LocalRunProgress {
  waiting: number;
  put: number;
  /** Of those that were put: whose text is still to be read. */
  unread: number;
  ready: number;
  failed: number;
  unchanged: number;
  passages: number;
}

/** The next documents of a run that are to be put, by name. */
export async function waitingDocuments(db: Queryable, run_name: string, most: number): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    "select name from local_run_documents where run_name = $1 and state = 'waiting' order by name limit $2",
    [run_name, most],
  );
  return rows.map(({ name }) => name);
}

/**
 * Takes a document of a run to put it, in the transaction that puts it. False when that was done, or the run is over: it is
 * not cancelled before the transaction has ended.
 */
export async function takeDocument(tx: Queryable, run_name: string, name: string): Promise<boolean> {
  const running = await tx.query("select 1 from local_runs where run_name = $1 and state = 'running' for share", [
    run_name,
  ]);
  if (running.length === 0) return false;
  const waits = await tx.query(
    "select 1 from local_run_documents where run_name = $1 and name = $2 and state = 'waiting' for update",
    [run_name, name],
  );
  return waits.length > 0;
}

/** A document of a run was put. */
export async function markDocumentPut(
  tx: Queryable,
  { run_name, name, document_id, unchanged }: Pick<LocalRunDocument, "run_name" | "name" | "document_id" | "unchanged">,
): Promise<void> {
  await tx.query(
    `update local_run_documents set state = 'put', document_id = $3, unchanged = $4
     where run_name = $1 and name = $2 and state = 'waiting'`,
    [run_name, name, document_id, unchanged],
  );
}

/** A document of a run can never be put. */
export async function markDocumentFailed(
  tx: Queryable,
  { run_name, name, error }: Pick<LocalRunDocument, "run_name" | "name" | "error">,
): Promise<void> {
  await tx.query(
    "update local_run_documents set state = 'failed', error = $3 where run_name = $1 and name = $2 and state = 'waiting'",
    [run_name, name, error],
  );
}

/** Looks how the documents are that a run has put. `ready_when`: indexing suffices where nothing makes vectors. */
export async function settleRunDocuments(
  db: Queryable,
  run_name: string,
  { ready_when }: { ready_when: readonly ("ready" | "indexing")[] },
): Promise<LocalRunProgress> {
  await db.query(
    `update local_run_documents i set
       state = case when d.state = any($2) then 'ready' else 'failed' end,
       error = case when d.state = any($2) then null when d.state = 'failed' then d.error ->> 'message'
         else 'it was removed meanwhile' end,
       passages = (select count(*) from passages p where p.document_id = i.document_id and not p.removed)
     from local_run_documents seen left join documents d on d.document_id = seen.document_id
     where i.run_name = $1 and i.state = 'put' and seen.run_name = i.run_name and seen.name = i.name
       and (d.state is null or d.state = any($2) or d.state in ('failed', 'removing'))`,
    [run_name, ready_when],
  );
  const [progress] = await db.query<LocalRunProgress>(
    `select count(*) filter (where i.state = 'waiting') as waiting, count(*) filter (where i.state = 'put') as put,
       count(*) filter (where i.state = 'put' and d.state = 'waiting') as unread,
       count(*) filter (where i.state = 'ready') as ready, count(*) filter (where i.state = 'failed') as failed,
       count(*) filter (where i.state = 'ready' and i.unchanged) as unchanged, coalesce(sum(i.passages), 0)::bigint as passages
     from local_run_documents i left join documents d on d.document_id = i.document_id where i.run_name = $1`,
    [run_name],
  );
  return progress!;
}

/** The first documents of a run that failed, by name, and why. */
export function failedDocuments(
  db: Queryable,
  run_name: string,
  most: number,
): Promise<Pick<LocalRunDocument, "name" | "error">[]> {
  return db.query(
    "select name, error from local_run_documents where run_name = $1 and state = 'failed' order by name limit $2",
    [run_name, most],
  );
}
