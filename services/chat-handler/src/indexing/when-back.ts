import { GatehouseError } from "@gatehouse/errors";
import { type Log, retry, type Verdict } from "@gatehouse/runtime";

const AGAIN_MS = 5_000;

/**
 * Work that needs the embedder and the vectors comes again until they are back. Thrown, their errors would let the whole
 * service wait, and answers are given without them.
 */
export async function whenBack(log: Log, work: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GatehouseError) || !["embedder", "vectors"].includes(error.dependency ?? "")) throw error;
    log.debug({ code: error.code, reason: error.message }, "passages wait for their vectors");
    return retry({ afterMs: AGAIN_MS });
  }
}
