import { Redis } from "ioredis";
import { toRedisError } from "./redis-errors.ts";

export interface RedisOptions {
  /** Who asks, as `CLIENT LIST` shows it. */
  name: string;
  /** Put before every key. */
  key_prefix: string;
}

/** Bytes under a key that are only ever replaced by whoever knew their version. */
export interface Versioned {
  version: string;
  bytes: Uint8Array;
}

/** What may be lost: losing it costs time, never truth. All methods may throw `RedisDownError`, within half a second. */
export interface Cache {
  /** Sets the key unless it exists. Gives the value that was there, or null when it was set. Needs Redis 7. */
  setIfAbsent(key: string, value: string, ttl_s: number): Promise<string | null>;
  get(key: string): Promise<string | null>;
  /** Gets and removes. */
  take(key: string): Promise<string | null>;
  set(key: string, value: string, ttl_s: number): Promise<void>;
  getVersioned(key: string): Promise<Versioned | null>;
  /** Keeps bytes with their version, if what is there has the version `was` (null: nothing is there). False: it has another. */
  replaceVersioned(key: string, was: string | null, next: Versioned, ttl_s: number): Promise<boolean>;
  remove(key: string): Promise<void>;
  /** Resolves when Redis answers. @throws {RedisDownError} */
  probe(signal: AbortSignal): Promise<void>;
  /** May be called again. */
  close(): Promise<void>;
}

const COMMAND_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
/** A command during a connection attempt waits for it, but not longer. */
const ATTEMPT_TIMEOUT_MS = 250;
const BACK_OFF_MS = 50;
/** One step for Redis: nobody comes between the look and the write. */
const REPLACE = `if (redis.call("hget", KEYS[1], "version") or "") ~= ARGV[1] then return 0 end
redis.call("hset", KEYS[1], "version", ARGV[2], "bytes", ARGV[3])
redis.call("expire", KEYS[1], ARGV[4])
return 1`;
const MAX_BACK_OFF_MS = 2_000;

/** Opens a connection to Redis that comes back for ever. While it is away every command fails at once and none is kept. */
export function openRedis(url: string, { name, key_prefix }: RedisOptions): Cache {
  const redis = new Redis(url, {
    connectionName: name,
    keyPrefix: key_prefix,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: 2 * COMMAND_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(BACK_OFF_MS * 2 ** Math.min(times - 1, 10), MAX_BACK_OFF_MS),
  });
  redis.on("error", () => undefined);
  const attempt = attemptUnderWay(redis);
  const ask = async <T>(command: () => Promise<T>): Promise<T> => {
    try {
      await attempt();
      return await command();
    } catch (thrown) {
      throw toRedisError(thrown, name);
    }
  };
  return {
    setIfAbsent: (key, value, ttl_s) => ask(() => redis.set(key, value, "EX", ttl_s, "NX", "GET")),
    get: (key) => ask(() => redis.get(key)),
    take: (key) => ask(() => redis.getdel(key)),
    set: (key, value, ttl_s) => ask(async () => void (await redis.set(key, value, "EX", ttl_s))),
    getVersioned: (key) =>
      ask(async () => {
        const [version, bytes] = await redis.hmgetBuffer(key, "version", "bytes");
        return version && bytes ? { version: version.toString(), bytes } : null;
      }),
    replaceVersioned: (key, was, { version, bytes }, ttl_s) =>
      ask(async () => (await redis.eval(REPLACE, 1, key, was ?? "", version, asBuffer(bytes), ttl_s)) === 1),
    remove: (key) => ask(async () => void (await redis.del(key))),
    probe: (signal) =>
      ask(async () => {
        signal.throwIfAborted();
        await redis.ping();
      }),
    close: () => closeRedis(redis),
  };
}

/** Waits while a connection is being made, a short time, all together; not while the next attempt is waited for. */
function attemptUnderWay(redis: Redis): () => Promise<void> {
  let attempt: Promise<void> | null = null;
  return async () => {
    if (redis.status !== "connecting" && redis.status !== "connect") return;
    attempt ??= outcomeOf(redis).finally(() => {
      attempt = null;
    });
    await attempt;
  };
}

async function outcomeOf(redis: Redis): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ATTEMPT_TIMEOUT_MS);
  redis.once("ready", resolve);
  redis.once("close", resolve);
  await promise;
  clearTimeout(timer);
  redis.off("ready", resolve);
  redis.off("close", resolve);
}

async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === "end") return;
  if (redis.status === "ready") await redis.quit().catch(() => undefined);
  redis.disconnect();
}

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
