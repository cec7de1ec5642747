import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { MeshDeclaration } from "@gatehouse/streams";
import type { World } from "./world.ts";

const PROGRAM = fileURLToPath(new URL("./doomed-service.ts", import.meta.url));
const LIVES_MS = 30_000;

export interface DoomedOptions {
  service: string;
  /** The process kills itself right after this step first ended. */
  step: string;
  declared: MeshDeclaration;
  env: Readonly<Record<string, string>>;
}

/** Runs one service in a process of its own until it has killed itself. @throws when it ended in any other way */
export async function runDoomed(
  { backing, dir }: World,
  { service, step, declared, env }: DoomedOptions,
): Promise<void> {
  const module = fileURLToPath(new URL(`../../services/${service}/src/service.ts`, import.meta.url));
  const where = {
    NATS_URL: backing.nats_url,
    NATS_USER: backing.nats_user!,
    NATS_PASSWORD: backing.nats_password!,
    DATABASE_URL: backing.database_url,
    REDIS_URL: backing.redis_url,
    GATEHOUSE_HOME: dir,
  };
  const child = spawn(process.execPath, [PROGRAM, module, step, JSON.stringify(declared)], {
    cwd: dir,
    env: { ...process.env, ...where, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const timer = setTimeout(() => child.kill("SIGTERM"), LIVES_MS);
  const [code, signal] = await once(child, "exit");
  clearTimeout(timer);
  if (signal !== "SIGKILL") throw new Error(`The process must die after ${step}: it ended with ${signal ?? code}`);
}
