import { natsAddresses } from "./external.ts";
import { askNats } from "./nats-probe.ts";
import { askPostgres } from "./postgres-probe.ts";
import { reasonOf } from "./reason-of.ts";
import type { Asked } from "./recipe.ts";
import { askRedis } from "./redis-probe.ts";
import type { ServerName } from "./settings.ts";
import type { Backing } from "./start-backing.ts";

/** How one backing server is. */
export interface ServerReport {
  server: ServerName;
  /** `starting`: it answers, but does not serve yet. */
  status: "up" | "starting" | "down";
  /** Null when it is down or does not tell. */
  version: string | null;
  /** Host and port, and the database; never credentials. */
  address: string;
  /** To connect, log in and be answered once, ms; null when it is down. */
  latency_ms: number | null;
  /** Why it is not up. */
  reason: string | null;
}

/** Where the servers are, as `run.json` says. */
export type ServerPlaces = Pick<Backing, "nats_url" | "nats_user" | "nats_password" | "database_url" | "redis_url">;

const ANSWER_WITHIN_MS = 2000;

/** Asks NATS, Postgres and Redis how they are, whoever runs them, all at once and for 2 s at most. Never rejects. */
export function askServers(places: ServerPlaces): Promise<ServerReport[]> {
  const { nats_url: url, nats_user: user, nats_password: password, database_url, redis_url } = places;
  const nats = (signal: AbortSignal) =>
    Promise.any(natsAddresses({ url, user, password }).map((one) => askNats(one, { jetstream: true, signal })));
  return Promise.all([
    report("nats", addressOf(url), nats),
    report("postgres", addressOf(database_url), (signal) => askPostgres(database_url, signal)),
    report("redis", addressOf(redis_url), (signal) => askRedis(redis_url, signal)),
  ]);
}

async function report(
  server: ServerName,
  address: string,
  ask: (signal: AbortSignal) => Promise<Asked>,
): Promise<ServerReport> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)),
    ANSWER_WITHIN_MS,
  );
  const begin_ms = performance.now();
  try {
    const { answer, version } = await ask(late.signal);
    const latency_ms = Math.round((performance.now() - begin_ms) * 10) / 10;
    const starting = answer === "starting";
    const reason = starting ? "it is starting, or has no room left" : null;
    return { server, status: starting ? "starting" : "up", version, address, latency_ms, reason };
  } catch (error) {
    const reason = reasonOf(late.signal.aborted ? late.signal.reason : error);
    return { server, status: "down", version: null, address, latency_ms: null, reason };
  } finally {
    clearTimeout(timer);
  }
}

/** `127.0.0.1:5432/gatehouse`; of several the hosts with commas between. */
function addressOf(text: string): string {
  const places = text.split(",").map((one) => URL.parse(one));
  return places.map((url) => (url ? `${url.host}${url.pathname.replace(/\/$/, "")}` : "?")).join(",");
}
