import type { SharedConfig } from "@gatehouse/runtime";
import type { Database } from "@gatehouse/store";
import type { Engine } from "./engine.ts";
import { KubeflowEngine } from "./kubeflow/kubeflow-engine.ts";
import { createLocalEngine } from "./local/local-engine.ts";

/** The engines that are configured; nothing is asked yet. */
export function openEngines({ kubeflow }: SharedConfig["pipelines"], db: Database): Engine[] {
  return [
    ...(kubeflow ? [new KubeflowEngine(kubeflow)] : []),
    createLocalEngine(db),
  ];
}
