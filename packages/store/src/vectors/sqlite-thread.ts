import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { SqliteFile } from "./sqlite-file.ts";
import type { SqliteAnswer, SqliteRequest, SqliteValue } from "./sqlite-request.ts";

/** Vectors of other dimensions than the set's. */
class Mismatch extends Error {
  readonly wanted: number;
  readonly seen: number;

  constructor(wanted: number, seen: number) {
    super("mismatch");
    this.wanted = wanted;
    this.seen = seen;
  }
}

const tell = (told: SqliteAnswer) => parentPort!.postMessage(told);
const file = new SqliteFile((workerData as { file: string }).file, (lost) => tell({ lost }));
let db: DatabaseSync;

parentPort!.on("message", ({ number, request }: { number: number; request: SqliteRequest }) => {
  tell(answerTo(number, request));
});

function answerTo(number: number, request: SqliteRequest): SqliteAnswer {
  try {
    db = file.db;
    return { number, value: answer(request) };
  } catch (error) {
    if (error instanceof Mismatch)
      return { number, fault: { kind: "mismatch", wanted: error.wanted, seen: error.seen } };
    const fault = error as Error;
    file.putAside(fault);
    return { number, fault: { kind: "down", message: fault.message } };
  }
}

function answer(request: SqliteRequest): SqliteValue {
  switch (request.op) {
    case "upsert":
      return upsert(request);
    case "remove":
      return remove(request);
    case "search":
      return search(request);
    case "count":
      return dimensionsOf(request.set) === null ? 0 : count(request.set);
    case "drop":
      return inTransaction(() => drop(request.set));
    case "probe":
      db.prepare("select count(*) from sets").get();
      return null;
  }
}

function upsert({ set, points }: Extract<SqliteRequest, { op: "upsert" }>): null {
  return inTransaction(() => {
    const { length } = points[0]!.vector;
    const dimensions = dimensionsOf(set) ?? create(set, length);
    if (dimensions !== length) throw new Mismatch(dimensions, length);
    const write = db.prepare(
      `insert into set_${set} (id, scope, collection, vector) values (?, ?, ?, ?) on conflict (id) do update
       set scope = excluded.scope, collection = excluded.collection, vector = excluded.vector`,
    );
    for (const { id, scope, collection, vector } of points) write.run(id, scope, collection, bytesOf(vector));
    return null;
  });
}

function create(set: string, dimensions: number): number {
  db.exec(`create table set_${set} (number integer primary key, id text not null unique, scope text not null,
    collection text not null, vector blob not null)`);
  db.prepare("insert into sets (name, dimensions) values (?, ?)").run(set, dimensions);
  return dimensions;
}

function remove({ set, ids }: Extract<SqliteRequest, { op: "remove" }>): null {
  return inTransaction(() => {
    if (dimensionsOf(set) === null) return null;
    db.prepare(`delete from set_${set} where id in (select value from json_each(?))`).run(JSON.stringify(ids));
    return null;
  });
}

function search({ set, vector, limit, scopes, collection }: Extract<SqliteRequest, { op: "search" }>): SqliteValue {
  const dimensions = dimensionsOf(set);
  if (dimensions === null) return [];
  if (dimensions !== vector.length) throw new Mismatch(dimensions, vector.length);
  const rows = db
    .prepare(
      `select id, vec_distance_cosine(vector, ?) as distance from set_${set}
       where scope in (select value from json_each(?)) and (? is null or collection = ?)
       order by distance, id limit ?`,
    )
    .all(bytesOf(vector), JSON.stringify(scopes), collection, collection, limit) as { id: string; distance: number }[];
  return rows.map(({ id, distance }) => ({ id, similarity: 1 - distance }));
}

function count(set: string): number {
  return (db.prepare(`select count(*) as points from set_${set}`).get() as { points: number }).points;
}

function drop(set: string): null {
  db.exec(`drop table if exists set_${set}`);
  db.prepare("delete from sets where name = ?").run(set);
  return null;
}

function dimensionsOf(set: string): number | null {
  const row = db.prepare("select dimensions from sets where name = ?").get(set) as { dimensions: number } | undefined;
  return row?.dimensions ?? null;
}

/** `immediate`: a reader that became a writer could not wait for another one. */
function inTransaction<T>(work: () => T): T {
  db.exec("begin immediate");
  try {
    const result = work();
    db.exec("commit");
    return result;
  } catch (error) {
    db.exec("rollback");
    throw error;
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);
