import type { AnyService, RunningMesh } from "@gatehouse/runtime";
import { createLog } from "@gatehouse/runtime";
import { runMesh } from "../../harness/run-mesh.ts";
import type { World } from "../../harness/world.ts";
import { serve } from "./actor.ts";

/** What a process of services runs on. */
interface MeshOrder extends Pick<World, "dir" | "backing"> {
  services: string[];
  env: Record<string, string>;
}

let running: RunningMesh | null = null;

/** Runs services as they are deployed, in this process; gives the URLs of their doors. */
async function start({ dir, backing, services, env }: MeshOrder): Promise<string[]> {
  const modules = await Promise.all(services.map((name) => import(`@gatehouse/${name}`)));
  const log = createLog({ name: "bench", level: "info", home: dir, stdout: "silent" });
  const world = { dir, backing, log } as World;
  running = await runMesh(world, { services: modules.map(({ service }) => service as AnyService), env });
  return running.doors().flatMap(({ url }) => url ?? []);
}

const operations = { start };
export type Operations = typeof operations;

serve(operations, async () => running?.stop());
