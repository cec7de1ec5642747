import { chatCancel, decodeEvent, wildcardOf } from "@gatehouse/events";
import { createRetriever } from "@gatehouse/retrieval";
import type { Host, Started } from "@gatehouse/runtime";
import { countDeadLetter, createDueStore, openPostgres, openRedis, openVectors } from "@gatehouse/store";
import { ANSWERS_AT_ONCE } from "./answering/answer-session.ts";
import { EarlyQuestions } from "./answering/early-questions.ts";
import { Gathering } from "./answering/gathering.ts";
import { LiveCancels } from "./answering/live-cancels.ts";
import { dueTelling } from "./answering/tell-untold.ts";
import type { config } from "./config.ts";
import { dueForgetting } from "./forget-old.ts";
import { HouseTime } from "./house-time.ts";
import { dueCheck } from "./indexing/check-index.ts";
import { openModels } from "./open-models.ts";
import type { Deps } from "./service.ts";

const FORGET_AFTER_MS = 60_000;
/** Answers in hand keep their leases, and are saved, beside those that begin. */
const CONNECTIONS = 16;

/** Opens what the flow leans on. Without Redis conversations are read from Postgres; without a model answers wait, then fail. */
export async function start(host: Host<typeof config>): Promise<Started<Deps>> {
  const { backing, config, service, bus, home, log } = host;
  const db = openPostgres(backing.database_url, { name: service, max: CONNECTIONS });
  const cache = openRedis(backing.redis_url, { name: service, key_prefix: "gh:" });
  const onLost = (reason: string) => {
    log.warn({ reason }, "vectors were lost and are made anew");
    void dueCheck(db).catch(() => {}); // it is due hourly
  };
  const vectors = openVectors({ home, qdrant_url: backing.qdrant_url, onLost });
  const models = openModels(host, db);
  const { llm, embedder, reranker } = models;
  const retriever = createRetriever({
    db,
    vectors,
    embedder,
    reranker,
    settings: config.retrieval,
    onFault: ({ code, message: reason }) => log.warn({ code, reason }, "searched without it"),
  });
  const cancels = new LiveCancels();
  const unsubscribe = bus.subscribe(wildcardOf(chatCancel), ({ subject, body }) =>
    cancels.heard(decodeEvent(chatCancel, { subject, body, seq: 0, time_ms: Date.now(), msg_id: null })),
  );
  const stop = async () => {
    unsubscribe();
    await Promise.all([models.close(), cache.close(), vectors.close()]);
    await db.close();
  };
  const now_ms = Date.now();
  await Promise.all([dueForgetting(db, now_ms + FORGET_AFTER_MS), dueTelling(db, now_ms), dueCheck(db)]).catch(
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
  const after_answer = "index-turn";
  const ages = config.retention;
  const time = new HouseTime();
  const parts = { db, bus, cache, vectors, llm, embedder, retriever, cancels, time };
  const own = { gathering: new Gathering(), early: new EarlyQuestions(ANSWERS_AT_ONCE) };
  return {
    deps: { ...parts, ...own, settings: config.chat, after_answer, ages, hintModels: models.hint },
    dependencies: [
      { name: "postgres", probe: (signal) => db.probe(signal) },
      { name: "redis", optional: true, probe: (signal) => cache.probe(signal) },
      { name: "llm", optional: true, probe: (signal) => llm.probe(signal) },
      { name: "vectors", optional: true, probe: (signal) => vectors.probe(signal) },
      ...(embedder
        ? [{ name: "embedder", optional: true, probe: (signal: AbortSignal) => embedder.probe(signal) }]
        : []),
      ...(reranker
        ? [{ name: "reranker", optional: true, probe: (signal: AbortSignal) => reranker.probe(signal) }]
        : []),
    ],
    dueStore: createDueStore(db),
    countDead: (subject, code) => countDeadLetter(db, subject, code, Date.now()),
    stop,
  };
}
