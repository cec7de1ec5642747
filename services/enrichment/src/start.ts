import { createLlm } from "@gatehouse/models";
import type { Host, Started } from "@gatehouse/runtime";
import { countDead, createDueStore, openPostgres } from "@gatehouse/store";
import type { config } from "./config.ts";
import type { Deps } from "./service.ts";

/** Opens what the flow leans on. The language model is optional: without it events are unscored, and scored later. */
export async function start({
  backing,
  config: { batching, models },
  service,
}: Host<typeof config>): Promise<Started<Deps>> {
  const db = openPostgres(backing.database_url, { name: service });
  const llm = createLlm(models.llm);
  return {
    deps: { db, llm, rules: batching },
    dependencies: [
      { name: "postgres", probe: (signal) => db.probe(signal) },
      { name: "llm", optional: true, probe: (signal) => llm.probe(signal) },
    ],
    dueStore: createDueStore(db),
    countDead: (subject, code) => countDead(db, subject.split(".")[1] ?? subject, code, Date.now()),
    stop: async () => {
      await Promise.all([db.close(), llm.close()]);
    },
  };
}
