import { expect, test } from "vitest";
import {
  cancelLocalRun,
  type Database,
  endLocalRun,
  findLocalRuns,
  insertLocalRun,
  type LocalRun,
  listLocalRun,
  markDocumentFailed,
  markDocumentPut,
  putDocument,
  removeDocument,
  reopenLocalRun,
  settleRunDocuments,
  takeDocument,
  takeInRun,
  tellLocalRun,
  waitingDocuments,
} from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();
const run_name = "gh-1";
const names = ["a.md", "b.md", "c.md"];
const ready_when = ["ready"] as const;
const ended = { state: "succeeded", message: "3 documents", outputs: { documents: 3 } } as const;

/** A run of three documents that is at work. */
async function aRun(): Promise<Database> {
  const { db } = await setup();
  const run = { request_id: "r-1", pipeline: "document-ingestion", engine: "local", namespace: "local", run_name };
  await takeInRun(db, { ...run, parameters: {}, origin: "request", refused: null, trace: {} });
  expect(await insertLocalRun(db, { run_name, parameters: {} })).toBe(true);
  expect(await db.transaction((tx) => listLocalRun(tx, { run_name, names, note: "" }))).toBe(true);
  return db;
}

const look = async (db: Database): Promise<LocalRun> => (await findLocalRuns(db, [run_name]))[0]!;

async function put(db: Database, name: string): Promise<string> {
  const document = { collection: "documents", uri: name, title: null, media_type: "text/plain", user_id: null };
  return db.transaction(async (tx) => {
    expect(await takeDocument(tx, run_name, name)).toBe(true);
    const { document_id, unchanged } = await putDocument(tx, { ...document, body: Buffer.from(name) });
    await markDocumentPut(tx, { run_name, name, document_id, unchanged });
    return document_id;
  });
}

test("a run of the house is there once, listed once, ends once, and each change raises its version", async () => {
  const db = await aRun();
  expect(await insertLocalRun(db, { run_name, parameters: { path: "other" } })).toBe(false);
  expect(await listLocalRun(db, { run_name, names: ["d.md"], note: "" })).toBe(false);
  const versions = [(await look(db)).version];
  for (const message of ["1 of 3", "1 of 3", "2 of 3"]) {
    await tellLocalRun(db, { run_name, message });
    versions.push((await look(db)).version);
  }
  expect(versions).toEqual([2, 3, 3, 4]);
  await endLocalRun(db, run_name, ended);
  const last = await look(db);
  expect(last).toMatchObject({ ...ended, version: 5 });
  await endLocalRun(db, run_name, { ...ended, state: "failed" });
  await tellLocalRun(db, { run_name, message: "3 of 3" });
  expect(await cancelLocalRun(db, run_name, "too late")).toBe(true);
  expect(await look(db)).toEqual(last);
  expect(await cancelLocalRun(db, "gh-2", "unknown")).toBe(false);
});

test("takeDocument() gives each document once, and none of a run that is over", async () => {
  const db = await aRun();
  await put(db, "a.md");
  expect(await db.transaction((tx) => takeDocument(tx, run_name, "a.md"))).toBe(false);
  expect(await db.transaction((tx) => takeDocument(tx, run_name, "d.md"))).toBe(false);
  expect(await waitingDocuments(db, run_name, 10)).toEqual(["b.md", "c.md"]);
  await cancelLocalRun(db, run_name, "cancelled");
  expect(await db.transaction((tx) => takeDocument(tx, run_name, "b.md"))).toBe(false);
});

test("settleRunDocuments() finds what is ready, failed, removed, or still to be read", async () => {
  const db = await aRun();
  const [a, b, c] = [await put(db, "a.md"), await put(db, "b.md"), await put(db, "c.md")];
  const progress = { waiting: 0, put: 3, unread: 3, ready: 0, failed: 0, unchanged: 0, passages: 0 };
  expect(await settleRunDocuments(db, run_name, { ready_when })).toEqual(progress);
  await db.query("update documents set state = 'indexing' where document_id = $1", [a]);
  expect(await settleRunDocuments(db, run_name, { ready_when })).toEqual({ ...progress, unread: 2 });
  const sooner = { ready_when: ["ready", "indexing"] } as const;
  expect(await settleRunDocuments(db, run_name, sooner)).toEqual({ ...progress, put: 2, unread: 2, ready: 1 });
  await db.query("update documents set state = 'failed', error = '{\"message\": \"broken\"}' where document_id = $1", [
    b,
  ]);
  await db.transaction((tx) => removeDocument(tx, c));
  expect(await settleRunDocuments(db, run_name, { ready_when })).toEqual({
    ...progress,
    put: 0,
    unread: 0,
    ready: 1,
    failed: 2,
  });
  const errors = await db.query("select error from local_run_documents where state = 'failed' order by name");
  expect(errors).toEqual([{ error: "broken" }, { error: "it was removed meanwhile" }]);
});

test("reopenLocalRun() keeps what is ready, and has all else looked at again", async () => {
  const db = await aRun();
  const a = await put(db, "a.md");
  await db.query("update documents set state = 'ready' where document_id = $1", [a]);
  await settleRunDocuments(db, run_name, { ready_when });
  await markDocumentFailed(db, { run_name, name: "b.md", error: "unreadable" });
  expect(await reopenLocalRun(db, run_name)).toBe(false);
  await endLocalRun(db, run_name, { state: "failed", message: "2 failed", outputs: null });
  expect(await db.transaction((tx) => reopenLocalRun(tx, run_name))).toBe(true);
  expect(await look(db)).toMatchObject({ state: "pending", listed: false, ended_at_ms: null });
  expect(await db.transaction((tx) => listLocalRun(tx, { run_name, names, note: "" }))).toBe(true);
  expect(await waitingDocuments(db, run_name, 10)).toEqual(["b.md", "c.md"]);
});

test("a run of the house goes with the run that it is of", async () => {
  const db = await aRun();
  await db.query("delete from pipeline_runs");
  expect(await db.query("select 1 from local_runs union all select 1 from local_run_documents")).toEqual([]);
});
