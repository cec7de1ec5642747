import { claimRequest, type Database, findRun, requestOwner } from "@gatehouse/store";
import type { Identity } from "../auth/keyring.ts";
import { operates, ownerOf } from "../rights.ts";

/**
 * Claims the request_id of a run for a holder. A run that is there and that nobody claimed came over the bus: viewers
 * cannot make it theirs. False when it is another's.
 */
export async function claimRun(db: Database, request_id: string, who: Identity): Promise<boolean> {
  const is_open = operates(who) || (await requestOwner(db, request_id)) !== null || !(await findRun(db, request_id));
  return is_open && claimRequest(db, request_id, ownerOf(who));
}
