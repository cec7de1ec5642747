import { join, resolve } from "node:path";
import type { Backing } from "@gatehouse/runtime";
import type { Part } from "./part.ts";
import { ServiceProcess } from "./service-process.ts";
import { services } from "./services.ts";
import type { Surroundings } from "./surroundings.ts";

const SERVICES = resolve(import.meta.dirname, "../../../../services");

type Around = Pick<Surroundings, "home" | "backing" | "env" | "file" | "cwd" | "children" | "tell" | "onChange">;

/** Every service as a process of its own. */
export function servicesApart(around: Around): Part {
  return partOf(services.map(({ name }) => serviceProcess(name, [], around)));
}

/** The process of one service; what it needs to know goes into its environment. */
export function serviceProcess(name: string, args: readonly string[], around: Around): ServiceProcess {
  const { home, backing, env, file, cwd, children, tell, onChange } = around;
  const child_env = {
    ...env,
    ...backingEnvironment(backing),
    ...(file ? { GATEHOUSE_CONFIG: file } : {}),
    GATEHOUSE_HOME: home,
    GATEHOUSE_HEALTH__PORT: "0",
  };
  const script = join(SERVICES, name, "src", "main.ts");
  return new ServiceProcess({ name, command: { script, args, env: child_env, cwd }, children, tell, onChange });
}

/** Processes that start and stop together. */
export function partOf(processes: readonly ServiceProcess[]): Part {
  return {
    start: async () => void (await Promise.all(processes.map((one) => one.start()))),
    processes: () => processes.flatMap(({ facts }) => facts ?? []),
    gateway_url: () => processes.find(({ name }) => name === "gateway")?.door_url ?? null,
    stop: async () => void (await Promise.all(processes.map((one) => one.stop()))),
    kill() {
      for (const one of processes) one.kill();
    },
  };
}

function backingEnvironment(backing: Backing): NodeJS.ProcessEnv {
  const { nats_url, nats_user, nats_password, database_url, redis_url, qdrant_url } = backing;
  return {
    NATS_URL: nats_url,
    DATABASE_URL: database_url,
    REDIS_URL: redis_url,
    ...(nats_user === null ? {} : { NATS_USER: nats_user }),
    ...(nats_password === null ? {} : { NATS_PASSWORD: nats_password }),
    ...(qdrant_url === null ? {} : { QDRANT_URL: qdrant_url }),
  };
}
