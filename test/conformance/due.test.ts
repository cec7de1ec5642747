import { ack, type RunningMesh, retry, type Verdict } from "@gatehouse/runtime";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { collect } from "../harness/collect.ts";
import { dueReader, putNote } from "../harness/due-notes.ts";
import { BadInputError } from "../harness/planted-errors.ts";
import { runMesh } from "../harness/run-mesh.ts";
import { until } from "../harness/until.ts";
import { startWorld, type World } from "../harness/world.ts";

let world: World;
const running: RunningMesh[] = [];
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(() => world.db.query("delete from due"));
afterEach(async () => {
  await Promise.all(running.splice(0).map((mesh) => mesh.stop()));
});
afterAll(() => world.stop());

const run = async (...handle: Parameters<typeof dueReader>) => {
  const mesh = await runMesh(world, { services: [dueReader(...handle)] });
  running.push(mesh);
  return mesh;
};
const rows = () =>
  world.db.query<{ crashes: number; leased: boolean }>("select crashes, lease_token is not null as leased from due");
const settled = () => until("nothing is due any more", async () => (await rows()).length === 0);

/** A handler that runs until its signal aborts, and what a test asks of it. */
function hanging() {
  const begun = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<unknown>();
  let tries = 0;
  const handle = async (_payload: unknown, { signal }: { signal: AbortSignal }): Promise<Verdict> => {
    if (++tries > 1) return ack;
    signal.addEventListener("abort", () => aborted.resolve(signal.reason));
    begun.resolve();
    await aborted.promise;
    throw signal.reason;
  };
  return { handle, begun: begun.promise, aborted: aborted.promise };
}

test("a row that was asked for again ten times, or whose service was stopped, was not its process's death", async () => {
  let tries = 0;
  await putNote(world.db, "again");
  const first = await run(async () => (++tries < 12 ? retry({ afterMs: 0 }) : ack));
  await settled();
  expect(tries).toBe(12);
  await first.stop();
  const { handle, begun } = hanging();
  await putNote(world.db, "stopped");
  const second = await run(handle);
  await begun;
  await second.stop();
  expect(await rows()).toEqual([{ crashes: 0, leased: false }]);
});

test("the handler's signal aborts when its row is another's, and what it then throws counts nothing", async () => {
  const { handle, begun, aborted } = hanging();
  await putNote(world.db, "taken");
  await run(handle);
  await begun;
  await world.db.query("update due set lease_token = gen_random_uuid(), lease_until_ms = now_ms() + 1000");
  expect(await aborted).toMatchObject({ message: "The lease of the row was lost" });
  await settled();
  expect(await world.bus.stream("DEAD_LETTERS")).toMatchObject({ messages: 0 });
}, 30_000);

test("the handler's signal aborts when the lease could not be renewed for as long as it lasts, and the row is tried again", async () => {
  const { handle, begun, aborted } = hanging();
  await putNote(world.db, "hung");
  await run(handle);
  await begun;
  world.postgres.pause();
  const reason = await aborted;
  world.postgres.resume();
  expect(reason).toMatchObject({ message: "The lease of the row was lost" });
  await settled();
}, 60_000);

test("the trace that a row was written in is its span's parent, whatever the payload is", async () => {
  const seen: unknown[] = [];
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  await putNote(world.db, "traced", { payload: ["a"], trace: { traceparent } });
  await run(async (payload, { trace }) => {
    seen.push(payload, trace());
    return ack;
  });
  await settled();
  expect(seen).toEqual([["a"], { traceparent }]);
});

test("due work that is given up keeps its letter, however many of its code there were within the hour", async () => {
  await world.db.query("insert into dead_counts values ('due.reader.note', 'BAD_INPUT', $1, 100)", [
    Math.floor(Date.now() / 3_600_000) * 3_600_000,
  ]);
  await run(async () => {
    throw new BadInputError("Cannot read it");
  });
  for (const key of ["a", "b"]) {
    await putNote(world.db, key);
    await settled();
  }
  const dead = await collect(world.bus, "DEAD_LETTERS", 2);
  expect(dead.map(({ headers }) => headers["Gatehouse-Id"])).toEqual(["a", "b"]);
  expect(await world.db.query("select count from dead_counts")).toEqual([{ count: 100 }]);
});
