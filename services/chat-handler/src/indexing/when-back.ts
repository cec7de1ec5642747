import { GatehouseError } from "@gatehouse/errors";
import { type Log, retry, type Verdict } from "@gatehouse/runtime";

const AGAIN_MS = 5_000;
const INDEX = ["embedder", "vectors"];

/**
 * Work that needs the embedder and the vectors comes again until they are back, or make sense again: passages can wait, and
 * would wait for ever if it were given up. Thrown, errors of theirs would also let the whole service wait, while answers are
 * given without them.
 */
export async function whenBack(log: Log, work: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    const { code, message: reason, dependency } = error;
    if (dependency === null) log.warn({ code, reason }, "passages cannot be embedded now");
    else if (INDEX.includes(dependency)) log.debug({ code, reason }, "passages wait for their vectors");
    else throw error;
    return retry({ afterMs: AGAIN_MS });
  }
}
