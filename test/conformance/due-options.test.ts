import { ack, applyStreams, type DueContext, type DueRow, input, type RunningMesh, removed } from "@gatehouse/runtime";
import { mesh } from "@gatehouse/streams";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { declareConsumer, declareMesh, declareStream } from "../harness/declare.ts";
import { dueReader, putNote } from "../harness/due-notes.ts";
import { noteMade, publishNotes } from "../harness/notes.ts";
import { runMesh } from "../harness/run-mesh.ts";
import { until } from "../harness/until.ts";
import { startWorld, TEST_STREAMS, type World } from "../harness/world.ts";

/** Longer than any test: what is found is found by being told. */
const NEVER_MS = 600_000;

let world: World;
let running: RunningMesh;
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(() => world.db.query("delete from due"));
afterEach(() => running.stop());
afterAll(() => world.stop());

const run = async (...reader: Parameters<typeof dueReader>) => {
  running = await runMesh(world, { services: [dueReader(...reader)] });
};
const keysLeft = async () =>
  (await world.db.query<{ key: string }>("select key from due order by key")).map(({ key }) => key);
const settled = () => until("nothing is due any more", async () => (await keysLeft()).length === 0);

test("wakeDue() has rows found that nobody looks for", async () => {
  await putNote(world.db, "first");
  const seen: string[] = [];
  await run(
    async (_payload, { due, wakeDue }) => {
      seen.push(due.key);
      if (due.key === "first") {
        await putNote(world.db, "second");
        wakeDue("note");
      }
      return ack;
    },
    { look_every_ms: NEVER_MS },
  );
  await settled();
  expect(seen).toEqual(["first", "second"]);
});

/** Writes a row as claimed, and gives it as the store would. */
async function claimedNote(key: string): Promise<DueRow> {
  const [row] = await world.db.query<DueRow>(
    `insert into due (service, kind, key, due_at_ms, payload, lease_until_ms, lease_token)
     values ('reader', 'note', $1, now_ms(), 'null', now_ms() + 10000, gen_random_uuid()) returning *`,
    [key],
  );
  return row!;
}

test("beginDue() begins with a row that was written as claimed, with what it is handed", async () => {
  await putNote(world.db, "first");
  const seen: unknown[] = [];
  await run(
    async (payload, { due, beginDue }) => {
      seen.push([due.key, payload, due.handed]);
      const asked_ms = performance.now();
      if (due.key === "first") beginDue({ ...(await claimedNote("second")), handed: "taken with it" }, asked_ms);
      return ack;
    },
    { look_every_ms: NEVER_MS },
  );
  await settled();
  expect(seen).toEqual([
    ["first", null, undefined],
    ["second", null, "taken with it"],
  ]);
});

test("beginDue() lets a row go for which there is no room, and it is found as soon as there is", async () => {
  await putNote(world.db, "first");
  const release = Promise.withResolvers<void>();
  await run(
    async (_payload, { due, beginDue }) => {
      if (due.key !== "first") return ack;
      beginDue(await claimedNote("second"), performance.now());
      await release.promise;
      return ack;
    },
    { look_every_ms: NEVER_MS, in_flight: 1 },
  );
  const free = "select 1 from due where key = 'second' and lease_token is null";
  await until("the second row is free", async () => (await world.db.query(free)).length === 1);
  release.resolve();
  await settled();
});

test("a row for which there was no room is begun with when a handler ends, not only at the next look", async () => {
  for (const key of ["a", "b", "c", "d", "e"]) await putNote(world.db, key);
  await run(async () => ack, { look_every_ms: NEVER_MS, in_flight: 2 });
  await settled();
});

test("a row that its handler removed itself is asked for no more, and one that was written again meanwhile is due at once", async () => {
  await putNote(world.db, "again");
  const seen: string[] = [];
  await run(
    async (_payload, { due }) => {
      seen.push(due.key);
      if (seen.length === 1) await putNote(world.db, "again");
      if (seen.length < 2) return ack;
      await world.db.query("delete from due where key = $1", [due.key]);
      return removed;
    },
    { look_every_ms: NEVER_MS },
  );
  await settled();
  expect(seen).toEqual(["again", "again"]);
});

test("in_flight handlers run at once, and max_handling_ms ends each", async () => {
  const keys = Array.from({ length: 12 }, (_, i) => `n-${i}`);
  for (const key of keys) await putNote(world.db, key);
  const begun = new Set<string>();
  const all = Promise.withResolvers<void>();
  await run(
    async (_payload, { due, signal }) => {
      if (begun.has(due.key)) return ack;
      if (begun.add(due.key).size === keys.length) all.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    },
    { in_flight: 12, max_handling_ms: 1_000 },
  );
  await all.promise;
  await until(
    "each failed once",
    async () => (await world.db.query("select 1 from due where failures = 1")).length > 0,
  );
  await settled();
});

test("deaths are not counted where the handler itself sees to work that kills", async () => {
  const crashes = async () => (await world.db.query<{ crashes: number }>("select crashes from due"))[0]!.crashes;
  const seen: number[] = [];
  const look = async () => {
    seen.push(await crashes());
    return ack;
  };
  await putNote(world.db, "usual");
  await run(look);
  await settled();
  await running.stop();
  await putNote(world.db, "own");
  await world.db.query("update due set crashes = 50");
  await run(look, { alone_after_crashes: Number.POSITIVE_INFINITY });
  await settled();
  expect(seen).toEqual([1, 50]);
});

test("work that sees to its own deaths, and messages of a consumer that is beside suspects, wait for none that runs alone", async () => {
  const reads = declareConsumer("reader", "note.>", { beside_suspects: true });
  const notes = declareMesh(declareStream("NOTES", ["note.>"], { consumers: [reads] })).streams.slice(0, 1);
  await applyStreams(world.bus, { streams: notes, buckets: [] });
  await putNote(world.db, "suspect");
  await world.db.query("update due set crashes = 2");
  const seen: string[] = [];
  const begun = Promise.withResolvers<void>();
  const ran = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const suspect = async (_payload: unknown, { signal }: DueContext<object>) => {
    for (const { reject } of ran) signal.addEventListener("abort", () => reject(signal.reason));
    begun.resolve();
    await Promise.all(ran.map(({ promise }) => promise));
    seen.push("suspect");
    return ack;
  };
  const goOn = (what: string, { resolve }: (typeof ran)[number]) => {
    return async () => {
      seen.push(what);
      resolve();
      return ack;
    };
  };
  const due = {
    note: { handle: suspect, max_handling_ms: 5_000 },
    own: { handle: goOn("own", ran[0]), alone_after_crashes: Number.POSITIVE_INFINITY },
  };
  const reader = { ...dueReader(suspect), due, inputs: [input("reader", noteMade, goOn("message", ran[1]))] };
  const { streams, buckets } = mesh(TEST_STREAMS);
  running = await runMesh(world, { services: [reader], declared: { streams: [...streams, ...notes], buckets } });
  await begun.promise;
  await putNote(world.db, "other", { kind: "own" });
  await publishNotes(world.bus, "a", 1);
  await settled();
  expect(seen.toSorted()).toEqual(["message", "own", "suspect"]);
  expect(seen.at(-1)).toBe("suspect");
});
