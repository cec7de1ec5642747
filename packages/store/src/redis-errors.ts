import { ReplyError } from "ioredis";
import { RedisDownError } from "./errors.ts";

/** Replies that tell of the server's state, not of the command. */
const DOWN = /^(LOADING|MASTERDOWN|CLUSTERDOWN|READONLY|OOM|BUSY|TRYAGAIN|MISCONF)\b/;

/** Turns what the client throws because Redis is away into `RedisDownError`; other refusals are bugs and pass. */
export function toRedisError(thrown: unknown, name: string): unknown {
  if (!(thrown instanceof Error)) return thrown;
  if (thrown instanceof ReplyError ? !DOWN.test(thrown.message) : thrown instanceof TypeError) return thrown;
  return new RedisDownError(`Cannot ask Redis as "${name}": ${thrown.message}`, { cause: thrown });
}
