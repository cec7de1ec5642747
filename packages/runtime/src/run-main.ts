import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { loadConfig } from "./config/load-config.ts";
import { sectionChecks } from "./config/section-checks.ts";
import { sections } from "./config/sections.ts";
import { ConfigError } from "./errors.ts";
import { runServices } from "./run-services.ts";
import type { AnyService, Backing } from "./service.ts";
import { createLog } from "./telemetry/create-log.ts";
import { startTelemetry } from "./telemetry/telemetry.ts";

const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * Runs one service as this process, with everything from the environment: `NATS_URL`, `DATABASE_URL`, `REDIS_URL`,
 * `QDRANT_URL`, `GATEHOUSE_HOME`, `GATEHOUSE_CONFIG`, `GATEHOUSE_*`. Ends by a signal, in order, with code 0;
 * with code 1 and one clear line when it cannot start.
 */
export async function runMain(service: AnyService, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const home = resolve(env.GATEHOUSE_HOME ?? ".gatehouse");
  try {
    const known = { ...sections, ...service.config } as typeof sections;
    const file = env.GATEHOUSE_CONFIG ? { file: env.GATEHOUSE_CONFIG } : {};
    const config = loadConfig(known, { ...file, env, cwd: process.cwd(), checks: sectionChecks });
    const backing = backingFrom(env);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const telemetry = await startTelemetry({ service_names: [service.name], env });
    const log = createLog({
      name: service.name,
      level: config.log.level,
      home,
      stdout: "json",
      activeTrace: () => telemetry.activeTrace(),
    });
    const stopped = new Promise<string>((stop) => {
      for (const signal of STOP_SIGNALS) process.once(signal, () => stop(signal));
      process.once("disconnect", () => stop("the parent is gone"));
    });
    const mesh = await Promise.race([
      runServices({ services: [service], config, backing, home, log, telemetry, health: config.health }),
      stopped.then(() => null),
    ]);
    // A parent that started this process waits for this line of its own.
    process.send?.({ ready: true, health_url: mesh?.health_url, doors: mesh?.doors() });
    await stopped;
    await mesh?.stop();
    await telemetry.stop();
    await log.close();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

/** Where the backing servers are. Credentials inside `NATS_URL` are taken out. @throws {ConfigError} */
export function backingFrom(env: NodeJS.ProcessEnv): Backing {
  const missing = ["NATS_URL", "DATABASE_URL", "REDIS_URL"].filter((name) => !env[name]);
  if (missing.length > 0)
    throw new ConfigError(`Cannot start as ${missing.join(", ")} must be set: gatehouse up starts the servers itself`);
  const nats = new URL(env.NATS_URL!.split(",")[0]!);
  const user = env.NATS_USER ?? (nats.username ? decodeURIComponent(nats.username) : null);
  const password = env.NATS_PASSWORD ?? (nats.password ? decodeURIComponent(nats.password) : null);
  const nats_url = env.NATS_URL!.split(",").map(withoutCredentials).join(",");
  return {
    nats_url,
    nats_user: user,
    nats_password: password,
    database_url: env.DATABASE_URL!,
    redis_url: env.REDIS_URL!,
    qdrant_url: env.QDRANT_URL || null,
  };
}

function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url.href.replace(/\/$/, "");
}
