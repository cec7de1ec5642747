import { type DueContext, type DueOptions, defineService, type Service, type Verdict } from "@gatehouse/runtime";
import { countDeadLetter, createDueStore, type NewDue, openPostgres, putDue, type Queryable } from "@gatehouse/store";

/** A service `reader` whose due work of the kind `note` does what the test says, how it says. */
export function dueReader(
  handle: (payload: unknown, context: DueContext<object>) => Promise<Verdict>,
  options: DueOptions = {},
): Service<object, object & Record<string, never>> {
  return defineService({
    name: "reader",
    config: {},
    due: { note: { handle, ...options } },
    async start({ backing }) {
      const db = openPostgres(backing.database_url, { name: "reader" });
      return {
        deps: {},
        dependencies: [{ name: "postgres", probe: (signal) => db.probe(signal) }],
        dueStore: createDueStore(db),
        countDead: (subject, code) => countDeadLetter(db, subject, code, Date.now()),
        stop: () => db.close(),
      };
    },
  });
}

/** Makes a note due now. */
export function putNote(db: Queryable, key: string, own: Partial<NewDue> = {}): Promise<void> {
  return putDue(db, { service: "reader", kind: "note", key, due_at_ms: Date.now(), ...own });
}
