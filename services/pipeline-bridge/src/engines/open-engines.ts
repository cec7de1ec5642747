import type { GatehouseError } from "@gatehouse/errors";
import type { Log, SharedConfig } from "@gatehouse/runtime";
import type { Database } from "@gatehouse/store";
import { ArgoEngine } from "./argo/argo-engine.ts";
import type { Engine } from "./engine.ts";
import { KubeflowEngine } from "./kubeflow/kubeflow-engine.ts";
import { createLocalEngine } from "./local/local-engine.ts";

/** The engines that are configured; nothing is asked yet. */
export function openEngines(
  { argo, kubeflow }: SharedConfig["pipelines"],
  { db, log }: { db: Database; log: Log },
): Engine[] {
  const skipped = ({ code, message: reason }: GatehouseError) =>
    log.warn({ engine: "argo", code, reason }, "what an engine said was passed over");
  return [
    ...(argo ? [new ArgoEngine(argo, { skipped })] : []),
    ...(kubeflow ? [new KubeflowEngine(kubeflow)] : []),
    createLocalEngine(db),
  ];
}
