import { describeError } from "@gatehouse/errors";
import type { Backing } from "@gatehouse/runtime";
import { openVectors } from "@gatehouse/store";

const ANSWER_WITHIN_MS = 3_000;

/** Where vectors are kept, and why they cannot be; null: they can. Makes the file `vectors.db` in the home where there is no Qdrant. */
export async function probeVectors(
  home: string,
  { qdrant_url }: Pick<Backing, "qdrant_url">,
): Promise<{ where: string; fault: string | null }> {
  const where = qdrant_url === null ? "in vectors.db" : `in Qdrant on ${URL.parse(qdrant_url)?.host ?? "?"} (yours)`;
  const vectors = openVectors({ home, qdrant_url });
  try {
    await vectors.probe(AbortSignal.timeout(ANSWER_WITHIN_MS));
    return { where, fault: null };
  } catch (error) {
    return { where, fault: describeError(error).message };
  } finally {
    await vectors.close();
  }
}
