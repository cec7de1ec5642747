import { runServices } from "@gatehouse/runtime";
import type { RunningPart } from "./running-part.ts";
import { services } from "./services.ts";
import type { Surroundings } from "./surroundings.ts";

/** Runs all services in this process. */
export async function runHere({ home, settings, backing, log, telemetry }: Surroundings): Promise<RunningPart> {
  const config: Readonly<Record<string, unknown>> = { ...settings };
  const mesh = await runServices({ services, config, backing, home, log, telemetry, health: settings.health });
  const names = services.map(({ name }) => name);
  return {
    processes: () => [{ services: names, pid: process.pid, health_url: mesh.health_url }],
    gateway_url: () => mesh.doors().find(({ service, url }) => service === "gateway" && url)?.url ?? null,
    stop: () => mesh.stop(),
  };
}
