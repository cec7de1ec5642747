import { type RunningMesh, runServices } from "@gatehouse/runtime";
import type { Part } from "./part.ts";
import { services } from "./services.ts";
import type { Surroundings } from "./surroundings.ts";

/** All services in this process. */
export function servicesHere({ home, settings, backing, log, telemetry }: Surroundings): Part {
  let mesh: RunningMesh | null = null;
  const names = services.map(({ name }) => name);
  return {
    async start() {
      const { health } = settings;
      mesh = await runServices({ services, config: { ...settings }, backing, home, log, telemetry, health });
    },
    processes: () => (mesh ? [{ services: names, pid: process.pid, health_url: mesh.health_url }] : []),
    gateway_url: () => mesh?.doors().find(({ service, url }) => service === "gateway" && url)?.url ?? null,
    stop: async () => mesh?.stop(),
    kill: () => undefined,
  };
}
