import type { PipelineArtifact } from "@gatehouse/events";
import type { RunDetails } from "./kubeflow-answers.ts";

/** What a run made, as far as Kubeflow's run service knows it: the ids of its artifacts, not their content. */
export interface RunResults {
  /** `{ "<task>": { "<output>": ["<artifact id>"] } }`; null without any, or when they are larger than 64 KiB. */
  outputs: Record<string, unknown> | null;
  /** Whether outputs were left out as they are larger than 64 KiB. */
  is_cut: boolean;
  /** `{ name: "<task>.<output>", uri: "<Kubeflow>/#/artifacts/<id>" }`, the page of it in Kubeflow's own pages; the first 100. */
  artifacts: PipelineArtifact[];
}

const MOST_ARTIFACTS = 100;
const MOST_BYTES = 65_536;

/** Reads the results of a run. `base_url` is Kubeflow's, without a slash at its end. */
export function resultsOf({ task_details = [] }: RunDetails, base_url: string): RunResults {
  const outputs: Record<string, Record<string, string[]>> = {};
  const artifacts: PipelineArtifact[] = [];
  for (const task of task_details) {
    const task_name = task.display_name ?? "";
    for (const [output, { artifact_ids = [] }] of Object.entries(task.outputs ?? {})) {
      const ids = artifact_ids.map(String);
      if (ids.length === 0) continue;
      outputs[task_name] = { ...outputs[task_name], [output]: ids };
      const name = `${task_name}.${output}`;
      const uris = ids.map((id) => `${base_url}/#/artifacts/${encodeURIComponent(id)}`);
      artifacts.push(...uris.slice(0, MOST_ARTIFACTS - artifacts.length).map((uri) => ({ name, uri })));
    }
  }
  const is_empty = Object.keys(outputs).length === 0;
  const is_cut = !is_empty && Buffer.byteLength(JSON.stringify(outputs)) > MOST_BYTES;
  return { outputs: is_empty || is_cut ? null : outputs, is_cut, artifacts };
}
