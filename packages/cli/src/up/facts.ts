import { createLoginCode } from "@gatehouse/gateway";
import type { RunFile } from "@gatehouse/local";
import type { Backing } from "@gatehouse/runtime";
import type { AdminKey } from "./admin-key.ts";
import type { UpFacts } from "./news.ts";
import type { Part } from "./part.ts";

/** What `run.json` tells the commands of the owner. */
export function runFile(backing: Backing, key: AdminKey, parts: readonly Part[]): RunFile {
  const { nats_url, nats_user, nats_password, database_url, redis_url, qdrant_url } = backing;
  return {
    gateway_url: gatewayUrl(parts) ?? "",
    nats_url,
    nats_user,
    nats_password,
    database_url,
    redis_url,
    qdrant_url,
    admin_key: key.secret,
    pid: process.pid,
    processes: parts.flatMap((part) => part.processes()),
  };
}

export interface FactsParts {
  key: AdminKey;
  parts: readonly Part[];
  inbox: string;
  redis_url: string;
  begin_ms: number;
}

/** What a person is told when everything runs. */
export async function upFacts({ key, parts, inbox, redis_url, begin_ms }: FactsParts): Promise<UpFacts> {
  const gateway_url = gatewayUrl(parts);
  const login = gateway_url && (await createLoginCode(redis_url, key.key_id).catch(() => null));
  return {
    gateway_url,
    login_url: login ? `${gateway_url}${login.path}` : null,
    admin_key: key.is_new ? key.secret : null,
    key_file: key.file,
    inbox,
    took_ms: Math.round(performance.now() - begin_ms),
  };
}

function gatewayUrl(parts: readonly Part[]): string | null {
  return parts.map((part) => part.gateway_url()).find((url) => url !== null) ?? null;
}
