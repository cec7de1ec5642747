import type { Backing } from "@gatehouse/local";
import type { NatsBus } from "@gatehouse/runtime";
import { openPostgres } from "@gatehouse/store";
import type { Tell } from "./news.ts";

/** Says which backing servers there are, and whose. */
export async function tellServers(backing: Backing, bus: NatsBus, tell: Tell): Promise<void> {
  const whose = (name: "nats" | "postgres" | "redis") => (backing.owned.includes(name) ? "" : " (yours)");
  const nats = `${placeOf(backing.nats_url)}${whose("nats")}`;
  const postgres = `${placeOf(backing.database_url)}${whose("postgres")}`;
  const redis = `${placeOf(backing.redis_url)}${whose("redis")}`;
  tell({ what: "ready", part: "nats", version: bus.server_version, where: nats });
  tell({ what: "ready", part: "postgres", version: await postgresVersion(backing.database_url), where: postgres });
  tell({ what: "ready", part: "redis", version: null, where: redis });
}

/** `18.4`; null when the server does not say. */
async function postgresVersion(database_url: string): Promise<string | null> {
  const db = openPostgres(database_url, { name: "gatehouse up", max: 1 });
  try {
    const [row] = await db.query<{ server_version: string }>("show server_version");
    return row?.server_version.split(" ")[0] ?? null;
  } finally {
    await db.close();
  }
}

/** `127.0.0.1:5432`, without what must not be shown. */
function placeOf(url: string): string {
  const hosts = url.split(",").map((one) => (URL.canParse(one) ? new URL(one).host : "?"));
  return `on ${hosts.join(", ")}`;
}
