import type { Backing } from "@gatehouse/runtime";
import { probeVectors } from "../probe-vectors.ts";
import type { Tell } from "./news.ts";

/** Says where vectors are kept. A start does without them: what is asked is then looked for by its words alone. */
export async function tellVectors(home: string, backing: Pick<Backing, "qdrant_url">, tell: Tell): Promise<void> {
  const { where, fault } = await probeVectors(home, backing);
  if (fault === null) return tell({ what: "ready", part: "vectors", version: null, where });
  tell({ what: "note", text: `Sources are found by their words alone until vectors are kept ${where}: ${fault}` });
}
