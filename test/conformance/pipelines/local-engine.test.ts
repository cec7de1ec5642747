import { createHash } from "node:crypto";
import { mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { service as chatHandler } from "@gatehouse/chat-handler";
import { createLocalEngine, type Engine, type EngineRun, INGEST, ingest } from "@gatehouse/pipeline-bridge/testing";
import { defineService, type RunningMesh } from "@gatehouse/runtime";
import { createDueStore, listDocuments, openPostgres, PIPELINE_BRIDGE, takeInRun } from "@gatehouse/store";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { runMesh } from "../../harness/run-mesh.ts";
import { until } from "../../harness/until.ts";
import { startWorld, type World } from "../../harness/world.ts";

const signal = AbortSignal.timeout(120_000);
const PIPELINE = "document-ingestion";
/** Without a model for vectors: texts are found by their words. */
const documents_ready_when = ["ready", "indexing"] as const;

let world: World;
let folder: string;
let engine: Engine;
let running: RunningMesh;
let asked = 0;

/** The bridge's part that takes documents in, by itself. */
const bridge = defineService({
  name: PIPELINE_BRIDGE,
  config: {},
  due: { [INGEST]: ingest },
  async start({ backing, service }) {
    const db = openPostgres(backing.database_url, { name: service });
    const deps = { db, documents_folder: folder, documents_ready_when };
    return { deps, dueStore: createDueStore(db), stop: () => db.close() };
  },
});

beforeAll(async () => {
  world = await startWorld();
  folder = join(world.dir, "documents");
  await mkdir(folder);
  engine = createLocalEngine(world.db, { look_every_ms: 10 });
  const env = { GATEHOUSE_MODELS__LLM: JSON.stringify([{ kind: "openai", url: "http://127.0.0.1:9", model: "none" }]) };
  running = await runMesh(world, { services: [bridge, chatHandler], env });
});
afterAll(async () => {
  await running?.stop();
  await engine.close();
  await world.stop();
});
beforeEach(async () => {
  await rm(folder, { recursive: true });
  await mkdir(folder);
  await world.db.query("truncate documents, passages");
});

/** A run as the flow submits it. */
async function submit(parameters: Record<string, unknown>): Promise<EngineRun> {
  const request_id = `ingest-${++asked}`;
  const run_name = `gh-${createHash("sha256").update(request_id).digest("hex").slice(0, 40)}`;
  const origin = { origin: "request", refused: null, trace: {} };
  const entry = { engine: "local", namespace: "local" };
  await takeInRun(world.db, { request_id, pipeline: PIPELINE, run_name, parameters, ...entry, ...origin });
  const run = { run_name, request_id, pipeline: PIPELINE, parameters, entry: null as never };
  const submitted = await engine.submit(run, { signal });
  expect((await engine.submit(run, { signal })).created_at_ms).toBe(submitted.created_at_ms);
  return submitted;
}

const placedOf = ({ run_name, run_id }: EngineRun) => ({ run_name, run_id, namespace: "local" });

async function look({ run_name }: Pick<EngineRun, "run_name">): Promise<EngineRun> {
  const [run, ...more] = await engine.find(run_name, "local", { signal });
  expect(more).toEqual([]);
  return run!;
}

async function ended(run: EngineRun): Promise<EngineRun> {
  await until("the run has ended", async () => (await look(run)).ended_at_ms !== null);
  return look(run);
}

const write = (files: Record<string, string>) =>
  Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));

const uris = async () => (await listDocuments(world.db, { limit: 100 })).items.map(({ uri }) => uri).sort();
const uriOf = (name: string) => pathToFileURL(join(folder, name)).href;

test("submit() takes a folder in, each document once, and a second time tells what had not changed", async () => {
  await write({ "b%2F.txt": "Two", "c\nd.md": "Three", "e.jpg": "" });
  expect(await ended(await submit({}))).toMatchObject({
    status: "succeeded",
    message: "2 documents, 2 passages",
    outputs: { documents: 2, passages: 2, unchanged: 0 },
  });
  const found = await uris();
  expect(found).toEqual(["b%2F.txt", "c\nd.md"].map(uriOf).sort());
  await write({ "b%2F.txt": "Two, and more" });
  expect((await ended(await submit({ path: "." }))).outputs).toEqual({ documents: 2, passages: 2, unchanged: 1 });
  expect(await uris()).toEqual(found);
});

test("a run takes in all that it can, fails naming what it could not, and goes on with that when it is tried again", async () => {
  await write({ "a.md": "One", "empty.md": "", "huge.md": "", "secret.md": "" });
  await truncate(join(folder, "huge.md"), 32 * 1024 * 1024 + 1);
  await rm(join(folder, "secret.md"));
  await symlink(join(world.dir, "logs"), join(folder, "out"));
  const run = await ended(await submit({}));
  expect(run).toMatchObject({ status: "failed", outputs: { documents: 1, passages: 1 } });
  expect(run.message).toMatch(
    /^2 of 3 documents failed; "empty.md": .*; "huge.md": .*33554433; 1 link was not followed$/,
  );
  expect(await uris()).toEqual([uriOf("a.md"), uriOf("empty.md")]);
  await write({ "empty.md": "Two" });
  await truncate(join(folder, "huge.md"), 0);
  await write({ "huge.md": "Three" });
  const again = await engine.retry(placedOf(run), { signal });
  expect(again.version).toBeGreaterThan(run.version);
  expect(await ended(again)).toMatchObject({ status: "succeeded", outputs: { documents: 3 } });
  expect(await engine.retry(placedOf(run), { signal })).toEqual(await look(run));
});

test.each([["../logs"], ["/etc"], ["nowhere"], ["out"]])("a run of %j fails and takes nothing in", async (path) => {
  await symlink(join(world.dir, "logs"), join(folder, "out"));
  const run = await ended(await submit({ path }));
  expect(run).toMatchObject({ status: "failed", outputs: null, message: expect.stringContaining("Cannot take in") });
  expect(await uris()).toEqual([]);
});

test("cancel() has nothing more put, also when it comes again or too late", async () => {
  await write(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${i}.md`, `Number ${i}`])));
  const run = await submit({});
  const placed = placedOf(run);
  await until("some are put", async () => (await uris()).length > 0);
  await engine.cancel(placed, { signal });
  const [cancelled, put] = [await look(run), await uris()];
  expect(cancelled).toMatchObject({ status: "cancelled", ended_at_ms: expect.any(Number) });
  expect(put.length).toBeLessThan(60);
  await engine.cancel(placed, { signal });
  await until(
    "nothing is due",
    async () => (await world.db.query("select 1 from due where kind = $1", [INGEST])).length === 0,
  );
  expect([await look(run), await uris()]).toEqual([cancelled, put]);
  await expect(engine.cancel({ ...placed, run_name: "gh-none" }, { signal })).rejects.toMatchObject({
    code: "RUN_GONE",
  });
});

test("watch() tells how a text is taken in, each change once, and which runs are gone", async () => {
  const text = { text: "The key is under the blue pot.", uri: "note:key", title: "Key", collection: "notes" };
  const run = await submit(text);
  const placed = placedOf(run);
  const stranger = { ...placed, run_name: "gh-none" };
  const told: EngineRun[] = [];
  const gone: string[] = [];
  const end = new AbortController();
  const watching = engine.watch(
    "local",
    {
      open: async () => [placed, stranger],
      run: async (one) => void told.push(one),
      gone: async ({ run_name }) => void gone.push(run_name),
    },
    { signal: end.signal },
  );
  await until("its end is told", async () => told.at(-1)?.status === "succeeded" && gone.length > 1);
  end.abort();
  await watching;
  const versions = told.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(new Set(gone)).toEqual(new Set(["gh-none"]));
  const { items } = await listDocuments(world.db, { limit: 10 });
  expect(items).toMatchObject([{ uri: "note:key", title: "Key", collection: "notes", media_type: "text/plain" }]);
});
