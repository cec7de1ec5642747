import { type Host, openCatalogue, type Started } from "@gatehouse/runtime";
import { countDeadLetter, createDueStore, openPostgres } from "@gatehouse/store";
import type { config } from "./config.ts";
import type { Deps } from "./service.ts";

/** Opens what the flow leans on. */
export async function start(host: Host<typeof config>): Promise<Started<Deps>> {
  const { backing, config, service } = host;
  const catalogue = openCatalogue(config.pipelines);
  const db = openPostgres(backing.database_url, { name: service });
  return {
    deps: { db, catalogue },
    dependencies: [{ name: "postgres", probe: (signal) => db.probe(signal) }],
    dueStore: createDueStore(db),
    countDead: (subject, code) => countDeadLetter(db, subject, code, Date.now()),
    stop: () => db.close(),
  };
}
