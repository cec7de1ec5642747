import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openVectors, type VectorStore } from "@gatehouse/store";
import { describe, expect, onTestFinished, test } from "vitest";
import { keepsVectors, type OpenVectors } from "./vector-store.conformance.ts";

const { QDRANT_URL = "" } = process.env;

/** Stores that are closed when the test is over, and a set that no other test has. */
function opened(home: string, qdrant_url: string | null): { store: VectorStore; again(): VectorStore; set: string } {
  const again = (): VectorStore => {
    const store = openVectors({ home, qdrant_url });
    onTestFinished(() => store.close());
    return store;
  };
  return { store: again(), again, set: `t_${randomBytes(8).toString("hex")}` };
}

const openSqlite: OpenVectors = async () => {
  const home = await mkdtemp(join(tmpdir(), "gatehouse-vectors-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return opened(home, null);
};

const openQdrant: OpenVectors = async () => {
  const { store, again, set } = opened("", QDRANT_URL);
  onTestFinished(() => again().drop(set));
  return { store, again, set };
};

describe("sqlite-vec", () => {
  keepsVectors("sqlite-vec", openSqlite);

  /** A store in a folder of its own, and what it tells of losses. */
  async function setup() {
    const home = await mkdtemp(join(tmpdir(), "gatehouse-vectors-"));
    const losses: string[] = [];
    const store = openVectors({ home, qdrant_url: null, onLost: (why) => losses.push(why) });
    onTestFinished(async () => {
      await store.close();
      await rm(home, { recursive: true, force: true });
    });
    return { home, file: join(home, "vectors.db"), store, losses };
  }
  const point = { id: "a", vector: Float32Array.of(1, 0), scope: "document", collection: "documents" };

  test("a file that is no database is put aside, and an empty one is begun", async () => {
    const { home, file, store, losses } = await setup();
    await writeFile(file, "no database at all".repeat(100));
    await expect(store.count("s")).rejects.toMatchObject({ code: "VECTORS_DOWN", retry: "later" });
    await store.upsert("s", [point]);
    expect(await store.count("s")).toBe(1);
    expect(losses).toEqual([
      expect.stringMatching(/not a database: the file was renamed to ".*vectors\.db\.broken-\d+"/),
    ]);
    expect((await readdir(home)).filter((name) => name.includes(".broken-"))).toHaveLength(1);
  });

  test("a file that is removed or replaced while it is open is told as lost, and written anew", async () => {
    const { home, file, store, losses } = await setup();
    await store.upsert("s", [point]);
    for (const name of await readdir(home)) await rm(join(home, name));
    expect(await store.count("s")).toBe(0);
    const other = await setup();
    await other.store.upsert("s", [point, { ...point, id: "b" }]);
    await other.store.close();
    for (const name of await readdir(home)) await rm(join(home, name));
    await rename(other.file, file);
    expect(await store.count("s")).toBe(2);
    expect(losses).toEqual(Array(2).fill("the file was removed or replaced"));
  });

  test("sqlite-vec refuses more than 1,024 waiting calls, and answers those it took", async () => {
    const { store, set } = await openSqlite();
    const asked = await Promise.allSettled(Array.from({ length: 1_100 }, () => store.count(set)));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1_024);
    expect(asked.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "STORE_BUSY" } });
  });
});

describe("Qdrant", () => {
  if (QDRANT_URL === "")
    test.skip("Qdrant keeps the promises of every store of vectors (needs QDRANT_URL)", () => undefined);
  else keepsVectors("Qdrant", openQdrant);
});
