import { createEmbedder } from "@gatehouse/models";
import { embedWaiting, splitDocument } from "@gatehouse/retrieval";
import { openPostgres, openVectors, type VectorStore } from "@gatehouse/store";

/**
 * Indexes until nothing waits, and kills this process with SIGKILL right before or after a call of the vector store: a
 * program of its own. `node dying-indexer.ts <home> <database_url> <models_url> <document_id> <before|after> <call>`
 */
const [home, database_url, models_url, document_id, when, call] = process.argv.slice(2) as [string, ...string[]];
const db = openPostgres(database_url!, { name: "dying" });
const store = openVectors({ home, qdrant_url: null });
const die = () => process.kill(process.pid, "SIGKILL");

const doomed = new Proxy(store, {
  get: (target, name) => {
    const method = target[name as keyof VectorStore] as (...given: unknown[]) => Promise<unknown>;
    return async (...given: unknown[]) => {
      if (name === call && when === "before") die();
      const result = await method.apply(target, given);
      if (name === call && when === "after") die();
      return result;
    };
  },
});

const signal = new AbortController().signal;
await splitDocument(db, document_id!, { signal });
if (call === "split") die();
const embedder = createEmbedder([{ kind: "tei", url: models_url! }]);
while ((await embedWaiting(db, doomed, embedder, { most: 3, signal })) > 0);
