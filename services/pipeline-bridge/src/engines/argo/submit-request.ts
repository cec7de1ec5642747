import type { NewEngineRun } from "../engine.ts";
import type { Workflow } from "./workflow-shape.ts";

/** What says that a run is ours; a watch asks for it. */
export const OURS = "app.kubernetes.io/managed-by=gatehouse";
const REQUEST_ID = "gatehouse/request-id";
const PIPELINE = "gatehouse/pipeline";
/** Of Kubernetes: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const LABEL_VALUE = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/**
 * What Argo is asked to run: a WorkflowTemplate under a name of ours. A request id may begin or end with a sign or be too long
 * for a label: it is an annotation. Parameters are texts there: what is none is told as JSON.
 */
export function submitRequest({ run_name, request_id, pipeline, entry, parameters }: NewEngineRun): object {
  const label = LABEL_VALUE.test(pipeline) ? `,${PIPELINE}=${pipeline}` : "";
  return {
    namespace: entry.namespace,
    resourceKind: "WorkflowTemplate",
    resourceName: entry.template ?? pipeline,
    submitOptions: {
      name: run_name,
      labels: `${OURS}${label}`,
      annotations: `${REQUEST_ID}=${request_id},${PIPELINE}=${pipeline}`,
      parameters: Object.entries(parameters).map(([name, value]) => `${name}=${textOf(value)}`),
    },
  };
}

/** Whether a workflow was made for this request. Its name has been found to be: where annotations got lost, the label will do. */
export function isOf({ metadata }: Workflow, { request_id }: Pick<NewEngineRun, "request_id">): boolean {
  const [key, value] = OURS.split("=") as [string, string];
  return metadata.labels?.[key] === value && (metadata.annotations?.[REQUEST_ID] ?? request_id) === request_id;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
