import { readCard, writeCard } from "./card-state.ts";
import type { LeaseStore } from "./lease-store.ts";

/** `in use`: with who holds it. */
export type Forgotten = { how: "forgotten" | "unknown" } | { how: "in use"; holders: string[] };

/**
 * Takes a model out of a card's key without asking its server, for one that went for good or moved: its room is free
 * at once. Nothing is done while somebody holds it.
 * @throws what the store throws @throws {SchemaViolationError | UndecodableError}
 */
export async function forgetModel(
  store: Pick<LeaseStore, "read" | "write">,
  { card, model }: { card: string; model: string },
): Promise<Forgotten> {
  for (;;) {
    const { body, revision } = await store.read(card);
    const state = body && readCard(body);
    if (!state?.models[model]) return { how: "unknown" };
    const holders = state.leases.filter((lease) => lease.model === model).map(({ holder }) => holder);
    if (holders.length > 0) return { how: "in use", holders };
    const { [model]: _, ...models } = state.models;
    if ((await store.write(card, writeCard({ ...state, models }), revision)) !== null) return { how: "forgotten" };
  }
}
