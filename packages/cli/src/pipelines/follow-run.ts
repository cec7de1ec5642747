import type { PipelineStatus } from "@gatehouse/events";
import { GatewayDownError, GatewayRefusedError } from "../errors.ts";
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
 * broken connections, and asks for what the bus no longer has.
 * @throws {GatewayRefusedError} when the key may not see this run
 */
export async function* followRun(
  access: Access,
  request_id: string,
  { after_seq, signal }: RunFollowing,
): AsyncGenerator<RunNews> {
  let last_seq = after_seq;
  const kept = async function* (): AsyncGenerator<RunNews, boolean> {
    const run = await findRun(access, request_id, signal);
    for (const status of run?.statuses ?? []) {
      if (status.seq! <= last_seq) continue;
      last_seq = status.seq!;
      yield { what: "status", status };
    }
    return run !== null && isOver(run.state);
  };
  if (yield* kept()) return;
  const wanted = { subject: `ai.pipeline.status.${request_id}`, from: "all", signal } as const;
  for await (const heard of followGateway(access, wanted)) {
    if (heard.what === "lost" || heard.what === "back") yield { what: heard.what };
    const status = heard.what === "message" ? (heard.message.data as PipelineStatus | null) : null;
    const seq = status?.seq ?? last_seq + 1;
    if (heard.what === "gap" || heard.what === "back" || seq > last_seq + 1) {
      if (yield* kept()) return;
    }
    if (!status || seq <= last_seq) continue;
    last_seq = seq;
    yield { what: "status", status };
    if (isOver(status.status)) return;
  }
}

/** A run as the gateway knows it; null when its trigger was not taken in yet, or it cannot be asked now. */
async function findRun(access: Access, request_id: string, signal: AbortSignal): Promise<KnownRun | null> {
  try {
    return await askGateway<KnownRun>(access, pathOf(request_id), { signal });
  } catch (error) {
    if (error instanceof GatewayRefusedError && error.facts.status === 404) return null;
    if (error instanceof GatewayDownError) return null;
    throw error;
  }
}
