import { Redis } from "ioredis";
import { toRedisError } from "./redis-errors.ts";

export interface RedisOptions {
  /** Who asks, as `CLIENT LIST` shows it. */
  name: string;
  /** Put before every key. */
  key_prefix: string;
}

/** What may be lost: losing it costs time, never truth. All methods may throw `RedisDownError`, within half a second. */
export interface Cache {
  /** Sets the key unless it exists. Gives the value that was there, or null when it was set. Needs Redis 7. */
  setIfAbsent(key: string, value: string, ttl_s: number): Promise<string | null>;
  get(key: string): Promise<string | null>;
  getBytes(key: string): Promise<Uint8Array | null>;
  setBytes(key: string, bytes: Uint8Array, ttl_s: number): Promise<void>;
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
    getBytes: (key) => ask(() => redis.getBuffer(key)),
    setBytes: (key, bytes, ttl_s) => ask(async () => void (await redis.set(key, asBuffer(bytes), "EX", ttl_s))),
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
