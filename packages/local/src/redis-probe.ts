import { Redis } from "ioredis";
import type { Answer, Asked } from "./recipe.ts";

/** Sends PING and asks its version with the URL's credentials. `starting` while Redis loads its data. */
export async function askRedis(url: string, signal: AbortSignal): Promise<Asked> {
  signal.throwIfAborted();
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  let lost: Error | null = null;
  redis.on("error", (error) => {
    lost ??= error;
  });
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([converse(redis), aborted.promise]);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("LOADING")) return { answer: "starting", version: null };
    throw lost ?? error; // the client itself only says that the connection is closed
  } finally {
    signal.removeEventListener("abort", abort);
    redis.disconnect();
  }
}

/** A user who may not ask INFO can still use Redis. */
async function converse(redis: Redis): Promise<Asked> {
  await redis.connect();
  await redis.ping();
  const info = await redis.info("server").catch(() => "");
  return { answer: "ready", version: /^redis_version:(\S+)/m.exec(info)?.[1] ?? null };
}

/** The answer alone. */
export async function probeRedis(url: string, signal: AbortSignal): Promise<Answer> {
  return (await askRedis(url, signal)).answer;
}
