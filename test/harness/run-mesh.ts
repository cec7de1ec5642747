import {
  type AnyService,
  type Backing,
  loadConfig,
  type RunningMesh,
  runServices,
  sectionChecks,
  sections,
  startTelemetry,
} from "@gatehouse/runtime";
import type { MeshDeclaration } from "@gatehouse/streams";
import type { World } from "./world.ts";

export interface RunMeshOptions {
  services: readonly AnyService[];
  /** `GATEHOUSE_…` settings, as in the environment. */
  env?: Record<string, string>;
  declared?: MeshDeclaration;
  /** Where the servers are, if not where the world has them. */
  backing?: Backing;
  onStage?: (stage: string) => void | Promise<void>;
}

/** Runs services in this process on the world's servers. */
export async function runMesh(
  world: World,
  { services, env = {}, declared, backing = world.backing, onStage }: RunMeshOptions,
): Promise<RunningMesh> {
  const known = Object.assign({}, sections, ...services.map(({ config }) => config)) as typeof sections;
  const config = loadConfig(known, {
    file: null,
    env: { GATEHOUSE_GATEWAY__PORT: "0", ...env },
    cwd: world.dir,
    checks: sectionChecks,
  });
  const telemetry = await startTelemetry({ service_names: services.map(({ name }) => name), env });
  const running = await runServices({
    services,
    config,
    backing,
    home: world.dir,
    log: world.log,
    telemetry,
    health: { host: "127.0.0.1", port: 0 },
    ...(declared ? { declared } : {}),
    ...(onStage ? { onStage } : {}),
  });
  return {
    ...running,
    stop: async () => {
      await running.stop();
      await telemetry.stop();
    },
  };
}
