import type { Server } from "@gatehouse/local";
import { type AnyService, type RunningMesh, runServices, startTelemetry } from "@gatehouse/runtime";
import type { MeshDeclaration } from "@gatehouse/streams";
import type { BrokerWorld } from "./broker-world.ts";

export interface RunReaderOptions {
  declared: MeshDeclaration;
  signal?: AbortSignal;
}

/** Runs one service that needs nothing but the broker, in this process. */
export async function runReader(
  { nats, dir, log }: Pick<BrokerWorld, "dir" | "log"> & { nats: Pick<Server, "url" | "user" | "password"> },
  service: AnyService,
  options: RunReaderOptions,
): Promise<RunningMesh> {
  const telemetry = await startTelemetry({ service_names: [service.name], env: {} });
  const none = { database_url: "", redis_url: "", qdrant_url: null };
  const running = await runServices({
    services: [service],
    config: {},
    backing: { nats_url: nats.url, nats_user: nats.user, nats_password: nats.password, ...none },
    home: dir,
    log,
    telemetry,
    health: { host: "127.0.0.1", port: 0 },
    ...options,
  });
  return {
    ...running,
    stop: async () => {
      await running.stop();
      await telemetry.stop();
    },
  };
}
