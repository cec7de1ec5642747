import { BackingDownError, BackingUrlInvalidError } from "./errors.ts";
import { type NatsAddress, probeNats } from "./nats-probe.ts";
import { probePostgres } from "./postgres-probe.ts";
import { reasonOf } from "./reason-of.ts";
import type { Answer } from "./recipe.ts";
import { probeRedis } from "./redis-probe.ts";
import type { ServerName } from "./settings.ts";
import { answers, pause } from "./watch-health.ts";

/** How long a server of somebody else may take to answer, so that both can be started at the same time. */
export const REACH_WITHIN_MS = 10_000;

interface Reaching {
  signal: AbortSignal;
  within_ms: number;
}

const ASK_AGAIN_MS = 250;
const NATS_PORT = 4222;

/** A NATS server that somebody else runs: its URL without credentials, and those. */
export interface ExternalNats {
  url: string;
  user: string | null;
  password: string | null;
}

/**
 * Takes the credentials out of a NATS URL (or several, with commas between: the first one's count). A lone user is a token.
 *
 * @throws {BackingUrlInvalidError}
 */
export function splitNatsUrl(text: string): ExternalNats {
  const urls = natsUrls(text);
  const [first] = urls;
  const user = first?.username ? decodeURIComponent(first.username) : null;
  const password = first?.password ? decodeURIComponent(first.password) : null;
  return { url: urls.map((url) => `${url.protocol}//${url.host}`).join(","), user, password };
}

/** Where its servers listen, one by one. */
export function natsAddresses({ url, user, password }: ExternalNats): NatsAddress[] {
  return natsUrls(url).map(({ hostname, port }) => ({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || NATS_PORT,
    user,
    password,
  }));
}

/** @throws {BackingDownError} when none of the servers answers in time */
export async function checkNats(text: string, reaching: Reaching): Promise<ExternalNats> {
  const nats = splitNatsUrl(text);
  const addresses = natsAddresses(nats);
  await reach("nats", nats.url, {
    ...reaching,
    probe: (probing) =>
      Promise.any(addresses.map((address) => probeNats(address, { jetstream: false, signal: probing }))),
  });
  return nats;
}

/** @throws {BackingDownError} when the database does not answer in time */
export async function checkPostgres(text: string, reaching: Reaching): Promise<string> {
  const { host, pathname } = parse("DATABASE_URL", text);
  await reach("postgres", `${host}${pathname}`, { ...reaching, probe: (probing) => probePostgres(text, probing) });
  return text;
}

/** @throws {BackingDownError} when Redis does not answer in time */
export async function checkRedis(text: string, reaching: Reaching): Promise<string> {
  const { host } = parse("REDIS_URL", text);
  await reach("redis", host, { ...reaching, probe: (probing) => probeRedis(text, probing) });
  return text;
}

async function reach(
  name: ServerName,
  where: string,
  { probe, signal, within_ms }: Reaching & { probe: (signal: AbortSignal) => Promise<Answer> },
): Promise<void> {
  const end = performance.now() + within_ms;
  while ((await answers(probe, signal)) !== "ready") {
    signal.throwIfAborted();
    if (performance.now() > end) throw down(name, { where, within_ms, reason: await whyNot(probe, signal) });
    await pause(ASK_AGAIN_MS, signal);
  }
}

function down(
  name: ServerName,
  { where, within_ms, reason }: { where: string; within_ms: number; reason: string },
): Error {
  const told = `Cannot reach ${name} at "${where}" as it must answer within ${within_ms / 1_000} s: ${reason}`;
  return new BackingDownError(told, {
    facts: { server: name },
  });
}

async function whyNot(probe: (signal: AbortSignal) => Promise<Answer>, signal: AbortSignal): Promise<string> {
  try {
    return `it is ${await probe(AbortSignal.any([signal, AbortSignal.timeout(2000)]))}`;
  } catch (error) {
    return reasonOf(error);
  }
}

function natsUrls(text: string): URL[] {
  return text.split(",").map((one) => parse("NATS_URL", /:\/\//.test(one) ? one.trim() : `nats://${one.trim()}`));
}

/** The text itself is not repeated: it may hold a password. */
function parse(name: string, text: string): URL {
  const url = URL.parse(text);
  if (url?.host) return url;
  throw new BackingUrlInvalidError(
    `Cannot use ${name} as it must be a URL with a host: it has ${text.length} characters`,
  );
}
