import { join } from "node:path";
import { contractOf } from "../../harness/engines/engine-client.ts";
import { EngineProcess } from "../../harness/engines/engine-process.ts";
import { until } from "../../harness/until.ts";
import { startWorld, type World } from "../../harness/world.ts";
import { Actor } from "../measure/actor.ts";
import type { Operations as Mesh } from "../measure/mesh-actor.ts";
import { PROFILED } from "../measure/profiled.ts";
import type { Operations as Asker } from "./asker.ts";
import { ENGINES, type EngineKind, NAMESPACE, PIPELINE } from "./wire.ts";

/** The bridge, both test engines and whoever asks, each a process of its own. */
export interface Stand {
  world: World;
  engines: Record<EngineKind, EngineProcess>;
  asker: Actor<Asker>;
  /** For their CPU time. */
  pids: Record<"bridge" | "broker" | "postgres" | "asker" | EngineKind, number>;
  /** Ends the bridge and starts another, which goes on. */
  restartBridge(): Promise<void>;
  /** Resolves when every run has ended and everything was told. */
  calm(): Promise<void>;
  /** @throws when a trigger was given up, an engine was asked wrongly, or a run is there twice */
  assertClean(): Promise<void>;
  stop(): Promise<void>;
}

export async function startStand(signal: AbortSignal): Promise<Stand> {
  const world = await startWorld();
  const [argo, kubeflow] = await Promise.all(
    ENGINES.map((engine) => EngineProcess.start({ engine, file: join(world.dir, `${engine}.jsonl`) })),
  );
  const engines = { argo: argo!, kubeflow: kubeflow! };
  const asker = new Actor<Asker>(new URL("./asker.ts", import.meta.url), { signal });
  const urls = { argo: engines.argo.url, kubeflow: engines.kubeflow.url };
  const { backing, dir } = world;
  let bridge: Actor<Mesh> | null = null;
  const startBridge = async (): Promise<number> => {
    bridge = new Actor<Mesh>(new URL("../measure/mesh-actor.ts", import.meta.url), { signal, exec_args: PROFILED });
    await bridge.ask("start", { dir, backing, services: ["pipeline-bridge"], env: settings(urls) });
    return bridge.pid;
  };
  const stop = async (): Promise<void> => {
    await Promise.all([bridge?.stop(), asker.stop()]);
    await Promise.all([...Object.values(engines).map((engine) => engine.stop()), world.stop()]);
  };
  try {
    const [bridge_pid] = await Promise.all([startBridge(), asker.ask("prepare", { backing, urls })]);
    const pids = {
      bridge: bridge_pid,
      broker: world.nats.pid!,
      postgres: world.postgres.pid!,
      asker: asker.pid,
      argo: engines.argo.pid,
      kubeflow: engines.kubeflow.pid,
    };
    return {
      world,
      engines,
      asker,
      pids,
      async restartBridge() {
        await bridge?.stop();
        pids.bridge = await startBridge();
      },
      calm: () => until("every run has ended", () => isCalm(world), { within_ms: 120_000 }),
      assertClean: () => assertClean(world, engines),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function settings(urls: Record<EngineKind, string>): Record<string, string> {
  const parameters = { type: "object", properties: { number: { type: "integer" } }, required: ["number"] };
  return {
    GATEHOUSE_PIPELINES__ARGO: JSON.stringify({ url: urls.argo, namespace: NAMESPACE }),
    GATEHOUSE_PIPELINES__KUBEFLOW: JSON.stringify({ url: urls.kubeflow, namespace: NAMESPACE }),
    GATEHOUSE_PIPELINES__CATALOGUE: JSON.stringify({
      [PIPELINE.argo]: { engine: "argo", template: PIPELINE.argo, parameters },
      [PIPELINE.kubeflow]: { engine: "kubeflow", pipeline_id: PIPELINE.kubeflow, parameters },
    }),
  };
}

async function isCalm({ db }: World): Promise<boolean> {
  const [row] = await db.query<{ open: number }>(
    `select (select count(*) from pipeline_runs where ended_at_ms is null)::int
          + (select count(*) from pipeline_statuses where published_seq is null)::int as open`,
    [],
  );
  return row!.open === 0;
}

async function assertClean({ bus, db }: World, engines: Stand["engines"]): Promise<void> {
  const { messages } = await bus.stream("DEAD_LETTERS");
  if (messages > 0) throw new Error(`Cannot trust the runs: ${messages} triggers were given up`);
  const wrong = await db.query<{ state: string }>("select state from pipeline_runs where epoch > 1", []);
  if (wrong.length > 0) throw new Error(`Cannot trust the runs: ${wrong.length} were submitted more than once`);
  for (const { url } of Object.values(engines)) {
    const { faults } = await contractOf(url);
    if (faults.length > 0) throw new Error(`Cannot trust the runs: an engine was asked wrongly: ${faults[0]}`);
  }
}
