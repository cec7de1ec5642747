import type { VectorPoint, VectorStore } from "@gatehouse/store";
import { expect, test } from "vitest";

/** Opens a store; `again` opens another connection to the same vectors. */
export type OpenVectors = () => Promise<{ store: VectorStore; again(): VectorStore; set: string }>;

const DIMENSIONS = 8;
const never = new AbortController().signal;
const ALL = ["document", "event", "turn:ada", "turn:bob"];

/** A unit vector at an angle, in degrees, between the first two axes. */
function at(degrees: number, dimensions = DIMENSIONS): Float32Array {
  const radians = (degrees * Math.PI) / 180;
  return Float32Array.from({ length: dimensions }, (_, i) =>
    i === 0 ? Math.cos(radians) : i === 1 ? Math.sin(radians) : 0,
  );
}

const point = (id: string, degrees: number, more: Partial<VectorPoint> = {}): VectorPoint => ({
  ...{ id, vector: at(degrees), scope: "document", collection: "documents" },
  ...more,
});

/** What every store of vectors promises. */
export function keepsVectors(name: string, open: OpenVectors): void {
  const search = { limit: 10, scopes: ALL, collection: null, signal: never };

  test(`search() of ${name} gives the most similar points first, and how alike they are`, async () => {
    const { store, set } = await open();
    await store.upsert(set, [point("far", 90), point("near", 10), point("same", 0), point("opposite", 180)]);
    const hits = await store.search(set, at(0), search);
    expect(hits.map(({ id }) => id)).toEqual(["same", "near", "far", "opposite"]);
    expect(hits[0]!.similarity).toBeCloseTo(1, 4);
    expect(hits[1]!.similarity).toBeCloseTo(Math.cos(Math.PI / 18), 4);
    expect(hits[3]!.similarity).toBeCloseTo(-1, 4);
    expect((await store.search(set, at(0), { ...search, limit: 2 })).map(({ id }) => id)).toEqual(["same", "near"]);
  });

  test(`upsert() of ${name} replaces a point with the same id, scope and collection too`, async () => {
    const { store, set } = await open();
    await store.upsert(set, [point("a", 0), point("b", 40)]);
    await store.upsert(set, [point("a", 90, { scope: "turn:ada", collection: "events" })]);
    expect(await store.count(set)).toBe(2);
    expect((await store.search(set, at(0), search)).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(await store.search(set, at(0), { ...search, collection: "events" })).toMatchObject([{ id: "a" }]);
  });

  test(`search() of ${name} finds only what is of the scopes and the collection asked for`, async () => {
    const { store, set } = await open();
    await store.upsert(set, [
      point("manual", 50),
      point("seen", 40, { scope: "event", collection: "events" }),
      point("ada's", 10, { scope: "turn:ada", collection: "events" }),
      point("bob's", 0, { scope: "turn:bob", collection: "events" }),
    ]);
    const found = async (scopes: string[], collection: string | null = null) =>
      (await store.search(set, at(0), { ...search, scopes, collection })).map(({ id }) => id);
    expect(await found(["document", "event", "turn:ada"])).toEqual(["ada's", "seen", "manual"]);
    expect(await found(["document", "event", "turn:ada"], "events")).toEqual(["ada's", "seen"]);
    expect(await found(["turn:eve"])).toEqual([]);
    expect(await found([])).toEqual([]);
    expect(await found(ALL, "nothing")).toEqual([]);
  });

  test(`remove() of ${name} takes points away, and those that are not there are no error`, async () => {
    const { store, set } = await open();
    await store.remove(set, ["a"]);
    await store.upsert(set, [point("a", 0), point("b", 40)]);
    await store.remove(set, ["a", "never"]);
    expect(await store.count(set)).toBe(1);
    expect(await store.search(set, at(0), search)).toMatchObject([{ id: "b" }]);
  });

  test(`a set of ${name} that is not there is empty, and drop() makes it so for good`, async () => {
    const { store, set } = await open();
    expect(await store.count(set)).toBe(0);
    expect(await store.search(set, at(0), search)).toEqual([]);
    await store.drop(set);
    await store.upsert(set, [point("a", 0)]);
    await store.drop(set);
    expect(await store.count(set)).toBe(0);
    await store.upsert(set, [point("b", 0, { vector: at(0, 4) })]);
    expect(await store.search(set, at(0, 4), search)).toMatchObject([{ id: "b" }]);
  });

  test(`${name} refuses vectors of other dimensions than the set's, and keeps none of them`, async () => {
    const { store, set } = await open();
    await store.upsert(set, [point("a", 0)]);
    const wrong = { code: "VECTOR_MISMATCH", retry: "never" };
    await expect(store.upsert(set, [point("b", 0, { vector: at(0, 4) })])).rejects.toMatchObject(wrong);
    await expect(store.upsert(set, [point("b", 0), point("c", 0, { vector: at(0, 4) })])).rejects.toMatchObject(wrong);
    await expect(store.search(set, at(0, 4), search)).rejects.toMatchObject(wrong);
    expect(await store.count(set)).toBe(1);
  });

  test.each<[string, VectorPoint[]]>([
    ["no points", []],
    ["an id of no characters", [point("", 0)]],
    ["an id of 257 characters", [point("x".repeat(257), 0)]],
    ["a vector of no numbers", [point("a", 0, { vector: new Float32Array() })]],
    ["a vector that is not finite", [point("a", 0, { vector: at(Number.NaN) })]],
    ["1,001 points", Array.from({ length: 1_001 }, (_, i) => point(`p-${i}`, i))],
  ])(`upsert() of ${name} refuses %s`, async (_, points) => {
    const { store, set } = await open();
    await expect(store.upsert(set, points)).rejects.toMatchObject({ code: "VECTOR_MISMATCH" });
    expect(await store.count(set)).toBe(0);
  });

  test(`${name} refuses a name of a set that could be more than a name`, async () => {
    const { store } = await open();
    for (const bad of ["", "a b", "x; drop table sets", "../x", "A"]) {
      await expect(store.upsert(bad, [point("a", 0)])).rejects.toMatchObject({ code: "VECTOR_MISMATCH" });
      await expect(store.search(bad, at(0), search)).rejects.toMatchObject({ code: "VECTOR_MISMATCH" });
    }
    for (const limit of [0, 1.5, 1_001])
      await expect(store.search("a", at(0), { ...search, limit })).rejects.toMatchObject({ code: "VECTOR_MISMATCH" });
  });

  test(`ids of ${name} are kept letter by letter, whatever they are`, async () => {
    const { store, set } = await open();
    const ids = ["front-door.f-81", "a'b\"c", "ü 鍵 🔑", "%_\\", "event.gate.1:2"];
    await store.upsert(
      set,
      ids.map((id, i) => point(id, i)),
    );
    expect((await store.search(set, at(0), search)).map(({ id }) => id)).toEqual(ids);
    await store.remove(set, [ids[1]!]);
    expect(await store.count(set)).toBe(4);
  });

  test(`points of ${name} are seen by another connection, and two that write at once lose nothing`, async () => {
    const { store, again, set } = await open();
    const other = again();
    const stores = [store, other];
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => stores[i % 2]!.upsert(set, [point(`p-${i}`, i), point("shared", i)])),
    );
    expect([await store.count(set), await other.count(set)]).toEqual([21, 21]);
    await other.close();
  });

  test(`${name} throws the signal's reason, before and while it is asked, and goes on`, async () => {
    const { store, set } = await open();
    await store.upsert(set, [point("a", 0)]);
    const gone = AbortSignal.abort(new Error("too late"));
    await expect(store.search(set, at(0), { ...search, signal: gone })).rejects.toThrow("too late");
    const caller = new AbortController();
    const asked = store.search(set, at(0), { ...search, signal: caller.signal });
    caller.abort(new Error("not wanted any more"));
    await expect(asked).rejects.toThrow("not wanted any more");
    expect(await store.search(set, at(0), search)).toMatchObject([{ id: "a" }]);
  });

  test(`${name} fails after close(), which may be called again and ends what is under way`, async () => {
    const { store, set } = await open();
    await store.probe(never);
    await store.upsert(set, [point("a", 0)]);
    const down = { code: "VECTORS_DOWN", retry: "later", dependency: "vectors" };
    const asked = expect(store.count(set)).rejects.toMatchObject(down);
    await store.close();
    await asked;
    await store.close();
    await expect(store.count(set)).rejects.toMatchObject(down);
  });
}
