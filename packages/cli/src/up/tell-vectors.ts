import { describeError } from "@gatehouse/errors";
import type { Backing } from "@gatehouse/runtime";
import { openVectors } from "@gatehouse/store";
import type { Tell } from "./news.ts";

const ANSWER_WITHIN_MS = 3_000;

/** Says where vectors are kept. A start does without them: what is asked is then looked for by its words alone. */
export async function tellVectors(
  home: string,
  { qdrant_url }: Pick<Backing, "qdrant_url">,
  tell: Tell,
): Promise<void> {
  const where = qdrant_url === null ? "in vectors.db" : `in Qdrant on ${URL.parse(qdrant_url)?.host ?? "?"} (yours)`;
  const vectors = openVectors({ home, qdrant_url });
  try {
    await vectors.probe(AbortSignal.timeout(ANSWER_WITHIN_MS));
    tell({ what: "ready", part: "vectors", version: null, where });
  } catch (error) {
    const { message } = describeError(error);
    tell({ what: "note", text: `Sources are found by their words alone until vectors are kept ${where}: ${message}` });
  } finally {
    await vectors.close();
  }
}
