import { expect, test } from "vitest";
import { createDetectionStore } from "./mod.ts";
import { useDatabases } from "./test-database.ts";
import { aSet, boxes } from "./test-events.ts";

const { setup } = useDatabases();

test("keep() gives every caller of 16 connections the row that was first, whatever they bring", async () => {
  const { db, another } = await setup({ max: 4 });
  const stores = [db, another(), another(), another()].map(createDetectionStore);
  const frames = Array.from({ length: 40 }, (_, i) => `f-${i}`);
  const calls = stores.flatMap((store, s) =>
    frames
      .toSorted(() => Math.random() - 0.5)
      .flatMap((frame_id) =>
        [0, 1].map((n) =>
          store.keep({
            set: aSet({ frame_id, captured_at_ms: 1_000 * s + n }),
            sha256: `${s}.${n}`,
            media_key: `${s}`,
          }),
        ),
      ),
  );
  const rows = await Promise.all(calls);
  for (const frame_id of frames) {
    const same = rows.filter((row) => row.frame_id === frame_id);
    expect(same).toHaveLength(8);
    const stored = await stores[0]!.find("front-door", frame_id);
    for (const row of same) expect(row).toEqual(stored);
    expect(stored!.set.captured_at_ms).toBe(stored!.captured_at_ms);
  }
});

test("keep() gives the older row again and again, and find() is null before", async () => {
  const { db } = await setup();
  const store = createDetectionStore(db);
  expect(await store.find("front-door", "f-81")).toBeNull();
  const first = await store.keep({ set: aSet(), sha256: "one", media_key: "m" });
  expect(first).toMatchObject({ sha256: "one", media_key: "m", thumbnail_key: null, published_seq: null });
  expect(await store.keep({ set: aSet({ detections: [] }), sha256: "two" })).toEqual(first);
  expect(await store.find("front-door", "f-81")).toEqual(first);
});

test("keep() refuses only the row that Postgres cannot store", async () => {
  const { db } = await setup();
  const store = createDetectionStore(db);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) => {
      const detections = i === 7 ? boxes("nul \u0000 in a label") : boxes("person");
      return store.keep({ set: aSet({ frame_id: `f-${i}`, detections }), sha256: "x" });
    }),
  );
  expect(outcomes.map(({ status }) => status).filter((status) => status === "rejected")).toHaveLength(1);
  expect(outcomes[7]).toMatchObject({ status: "rejected" });
  expect((await store.list({ limit: 100 })).items).toHaveLength(19);
});

test("markPublished() keeps the first mark, from 16 connections at once", async () => {
  const { db, another } = await setup();
  const stores = [createDetectionStore(db), createDetectionStore(another())];
  const frames = Array.from({ length: 50 }, (_, i) => `f-${i}`);
  await Promise.all(frames.map((frame_id) => stores[0]!.keep({ set: aSet({ frame_id }), sha256: "x" })));
  await stores[0]!.markPublished("front-door", "f-0", 7);
  await Promise.all(
    stores.flatMap((store, s) =>
      frames
        .toSorted(() => Math.random() - 0.5)
        .map((frame_id) => store.markPublished("front-door", frame_id, 100 + s)),
    ),
  );
  const { items } = await stores[0]!.list({ limit: 100 });
  expect(items.find((row) => row.frame_id === "f-0")!.published_seq).toBe(7);
  for (const row of items) expect([7, 100, 101]).toContain(row.published_seq);
});

test("markPublished() keeps the thumbnail's key that comes with the first mark", async () => {
  const { db } = await setup();
  const store = createDetectionStore(db);
  for (const frame_id of ["f-1", "f-2"]) await store.keep({ set: aSet({ frame_id }), sha256: "x" });
  await store.markPublished("front-door", "f-1", 7, "first.jpg");
  await store.markPublished("front-door", "f-1", 7, "second.jpg");
  await store.markPublished("front-door", "f-2", 8);
  expect(await store.find("front-door", "f-1")).toMatchObject({ thumbnail_key: "first.jpg" });
  expect(await store.find("front-door", "f-2")).toMatchObject({ published_seq: 8, thumbnail_key: null });
});

test("list() pages through everything once, newest first, also where times are equal", async () => {
  const { db } = await setup();
  const store = createDetectionStore(db);
  const times = Array.from({ length: 25 }, (_, i) => 1_000 + Math.floor(i / 5));
  await Promise.all(
    times.map((captured_at_ms, i) =>
      store.keep({
        set: aSet({ frame_id: `f-${i}`, captured_at_ms, camera_id: i % 2 ? "gate" : "yard" }),
        sha256: "x",
      }),
    ),
  );
  const seen: { captured_at_ms: number; frame_id: string }[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await store.list({ limit: 4, cursor: cursor ?? null });
    seen.push(...page.items);
    cursor = page.next_cursor;
  }
  expect(new Set(seen.map((row) => row.frame_id)).size).toBe(25);
  expect(seen.map((row) => row.captured_at_ms)).toEqual(times.toReversed());
});

test("list() filters by camera, label and time", async () => {
  const { db } = await setup();
  const store = createDetectionStore(db);
  const put = (frame_id: string, camera_id: string, captured_at_ms: number, ...labels: string[]) =>
    store.keep({ set: aSet({ frame_id, camera_id, captured_at_ms, detections: boxes(...labels) }), sha256: "x" });
  await Promise.all([put("a", "gate", 10, "person", "dog"), put("b", "gate", 20), put("c", "yard", 30, "person")]);
  const found = async (filter: object) =>
    (await store.list({ limit: 9, ...filter })).items.map((row) => row.frame_id).join("");
  expect(await found({})).toBe("cba");
  expect(await found({ camera_id: "gate" })).toBe("ba");
  expect(await found({ label: "person" })).toBe("ca");
  expect(await found({ label: "dog", camera_id: "yard" })).toBe("");
  expect(await found({ since_ms: 20 })).toBe("cb");
  expect(await found({ since_ms: 10, until_ms: 20 })).toBe("a");
  await expect(store.list({ limit: 1, cursor: "x" })).rejects.toMatchObject({ code: "BAD_CURSOR" });
});
