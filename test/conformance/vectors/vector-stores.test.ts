import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
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

  test("a file that is no database is told as vectors that are down, not as a crash", async () => {
    const home = await mkdtemp(join(tmpdir(), "gatehouse-vectors-"));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    await writeFile(join(home, "vectors.db"), "no database at all".repeat(100));
    const { store, set } = opened(home, null);
    await expect(store.count(set)).rejects.toMatchObject({ code: "VECTORS_DOWN", retry: "later" });
    await rm(join(home, "vectors.db"));
    expect(await store.count(set)).toBe(0);
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
