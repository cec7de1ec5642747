import type { PipelineStatus } from "@gatehouse/events";
import { GatewayRefusedError } from "../errors.ts";
import type { Access } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { followGateway } from "../gateway/follow-gateway.ts";
import { isOver, type KnownRun, pathOf } from "./runs.ts";

export type RunNews =
  | { what: "status"; status: PipelineStatus }
  /** The connection was lost and is tried again, or is there again. */
  | { what: "lost" | "back" };

interface RunFollowing {
  /** The last status that is known already; -1: none. */
  after_seq: number;
  signal: AbortSignal;
}

/**
 * Tells every status of a run once and in order, those of the past too, until it is over or the signal aborts. Goes on over
 * broken connections.
 * @throws {GatewayRefusedError} when the key may not see this run
 */
export async function* followRun(
  access: Access,
  request_id: string,
  { after_seq, signal }: RunFollowing,
): AsyncGenerator<RunNews> {
  let last_seq = after_seq;
  const kept = await findRun(access, request_id, signal);
  for (const status of newer(kept, last_seq)) {
    last_seq = status.seq!;
    yield { what: "status", status };
  }
  if (kept && isOver(kept.state)) return;
  const wanted = { subject: `ai.pipeline.status.${request_id}`, from: "all", signal } as const;
  for await (const heard of followGateway(access, wanted)) {
    if (heard.what === "lost" || heard.what === "back") yield { what: heard.what };
    const status = heard.what === "message" ? (heard.message.data as PipelineStatus | null) : null;
    // What is no longer on the bus is kept all the same.
    const missed = heard.what === "gap" || (status?.seq ?? 0) > last_seq + 1;
    const news = missed ? newer(await findRun(access, request_id, signal), last_seq) : status ? [status] : [];
    for (const one of news) {
      if ((one.seq ?? last_seq + 1) <= last_seq) continue;
      last_seq = one.seq ?? last_seq + 1;
      yield { what: "status", status: one };
      if (isOver(one.status) && one === news.at(-1)) return;
    }
  }
}

const newer = (run: KnownRun | null, last_seq: number): PipelineStatus[] =>
  (run?.statuses ?? []).filter(({ seq }) => seq !== undefined && seq > last_seq);

/** A run as the gateway knows it; null when its trigger was not taken in yet. */
async function findRun(access: Access, request_id: string, signal: AbortSignal): Promise<KnownRun | null> {
  try {
    return await askGateway<KnownRun>(access, pathOf(request_id), { signal });
  } catch (error) {
    if (error instanceof GatewayRefusedError && error.facts.status === 404) return null;
    throw error;
  }
}
