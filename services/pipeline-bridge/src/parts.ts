/** What test/conformance holds to its promises beside the service as a whole. */

export { ArgoEngine } from "./engines/argo/argo-engine.ts";
export { WATCH_PACE, type WatchPace } from "./engines/argo/watch-workflows.ts";
export * from "./engines/engine.ts";
export { Engines } from "./engines/engines.ts";
export { KubeflowEngine } from "./engines/kubeflow/kubeflow-engine.ts";
export { POLL_PACE, type PollPace } from "./engines/kubeflow/poll-runs.ts";
export { keepOne } from "./reconciling/keep-one.ts";
export { reconcile } from "./reconciling/reconcile.ts";
export { type Settled, settle } from "./submitting/settle.ts";
