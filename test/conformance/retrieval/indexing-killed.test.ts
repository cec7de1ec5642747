import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { splitDocument } from "@gatehouse/retrieval";
import { findDocument, listDocuments, removeDocument } from "@gatehouse/store";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  addDocument,
  book,
  embedAll,
  expectWhole,
  never,
  putBook,
  type RetrievalWorld,
  startRetrievalWorld,
} from "./retrieval-world.ts";

const INDEXER = fileURLToPath(new URL("./dying-indexer.ts", import.meta.url));

let world: RetrievalWorld;
beforeAll(async () => {
  world = await startRetrievalWorld();
});
afterAll(() => world.stop());
beforeEach(() => world.clear());

test.each([
  ["after", "split"],
  ["before", "upsert"],
  ["after", "upsert"],
])("killed %s %s, indexing is finished by another, nothing lost and nothing doubled", async (when, call) => {
  const document_id = await putBook(world, book(8));
  await die(document_id, when, call);
  await splitDocument(world.db, document_id, { signal: never });
  await embedAll(world);
  await expectWhole(world);
  expect(await findDocument(world.db, document_id)).toMatchObject({ state: "ready", passages: 8, embedded: 8 });
});

test.each(["before", "after"])(
  "killed %s the vectors of a removed document go, both are gone in the end",
  async (when) => {
    const document_id = await addDocument(world, "book.md", book(8));
    const kept = await addDocument(world, "kept.md", book(2, "gate"));
    await embedAll(world);
    await world.db.transaction((tx) => removeDocument(tx, document_id));
    await die(document_id, when, "remove");
    expect(await findDocument(world.db, document_id)).toMatchObject({ state: "removing" });
    await embedAll(world);
    await expectWhole(world);
    expect((await listDocuments(world.db, { limit: 10 })).items.map((row) => row.document_id)).toEqual([kept]);
  },
);

test("a removal that was killed half way does no harm to the same document when it comes back", async () => {
  const document_id = await addDocument(world, "book.md", book(8));
  await embedAll(world);
  await world.db.transaction((tx) => removeDocument(tx, document_id));
  await die(document_id, "after", "remove");
  await addDocument(world, "book.md", book(8));
  await embedAll(world);
  await expectWhole(world);
  expect(await findDocument(world.db, document_id)).toMatchObject({ state: "ready", passages: 8, embedded: 8 });
});

/** Lets another process index until it has killed itself. @throws when it ended in any other way */
async function die(document_id: string, when: string, call: string): Promise<void> {
  const given = [INDEXER, world.home, world.database_url, world.models.url, document_id, when, call];
  const child = spawn(process.execPath, given, { stdio: ["ignore", "inherit", "inherit"] });
  const [code, signal] = await once(child, "exit");
  if (signal !== "SIGKILL") throw new Error(`The process must die ${when} ${call}: it ended with ${signal ?? code}`);
}
