import { pathToFileURL } from "node:url";
import {
  type AnyService,
  backingFrom,
  createLog,
  loadConfig,
  runServices,
  sections,
  startTelemetry,
} from "@gatehouse/runtime";
import type { MeshDeclaration } from "@gatehouse/streams";

/**
 * Runs one service, and kills this process with SIGKILL right after the named step first ended: a program of its own.
 * `node doomed-service.ts <module of the service> <step> <declared streams as JSON>`
 */
const [module, step, declared] = process.argv.slice(2);
const { service } = (await import(pathToFileURL(module!).href)) as { service: AnyService };
const known = { ...sections, ...service.config } as typeof sections;
await runServices({
  services: [service],
  config: loadConfig(known, { file: null, env: process.env, cwd: process.cwd() }),
  backing: backingFrom(process.env),
  home: process.env.GATEHOUSE_HOME!,
  log: createLog({
    name: `${service.name}-${step}`,
    level: "debug",
    home: process.env.GATEHOUSE_HOME!,
    stdout: "silent",
  }),
  telemetry: await startTelemetry({ service_names: [service.name], env: {} }),
  health: { host: "127.0.0.1", port: 0 },
  declared: JSON.parse(declared!) as MeshDeclaration,
  onStage: (stage) => {
    if (stage === step) process.kill(process.pid, "SIGKILL");
  },
});
