import { Redis } from "ioredis";
import type { Answer } from "./recipe.ts";

/** Sends PING with the URL's credentials. `starting` while Redis loads its data. */
export async function probeRedis(url: string, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on("error", () => undefined);
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([redis.connect().then(() => redis.ping()), aborted.promise]);
    return "ready";
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("LOADING")) return "starting";
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    redis.disconnect();
  }
}
