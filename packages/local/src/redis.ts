import { join } from "node:path";
import { writePrivate } from "./private-file.ts";
import type { Recipe } from "./recipe.ts";
import { probeRedis } from "./redis-probe.ts";
import type { ServerSettings } from "./settings.ts";

export interface RedisOptions {
  /** Folder of the server: configuration only. */
  dir: string;
  /** Path of redis-server. */
  program: string;
  settings: ServerSettings;
}

/** How Redis is run: loopback only, with a password, and without persistence, since only what may be lost is kept in it. */
export function redisRecipe({ dir, program, settings }: RedisOptions): Recipe {
  const config = join(dir, "redis.conf");
  const url = (port: number) => `redis://:${settings.password}@127.0.0.1:${port}`;
  return {
    name: "redis",
    stop_signal: "SIGTERM",
    async prepare(port) {
      writePrivate(config, configuration(dir, port, settings.password));
      return { file: program, args: [config] };
    },
    probe: (port, signal) => probeRedis(url(port), signal),
    url,
  };
}

function configuration(dir: string, port: number, password: string): string {
  return `bind 127.0.0.1
port ${port}
protected-mode yes
requirepass ${password}
daemonize no
dir ${JSON.stringify(dir)}
save ""
appendonly no
maxmemory 256mb
maxmemory-policy allkeys-lru
`;
}
