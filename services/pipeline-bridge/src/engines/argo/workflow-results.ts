import type { PipelineArtifact } from "@gatehouse/events";
import type { Workflow, WorkflowArtifact, WorkflowOutputs } from "./workflow-shape.ts";

/** What a run made. */
export interface WorkflowResults {
  /** Parameters by name, of the workflow and of its entry point (`result`: what its script wrote); null without any, or when they are too large. */
  outputs: Record<string, unknown> | null;
  /** Whether outputs were left out as they are larger than 64 KiB. */
  is_cut: boolean;
  /** Where artifacts are kept: `s3://bucket/key` (`s3:///key` where Argo names no bucket), `gs:`, `oss:`, `https:`, without what may be a key (user, password, query); the first 100. */
  artifacts: PipelineArtifact[];
}

const MOST_ARTIFACTS = 100;
const MOST_BYTES = 65_536;
const SCHEMES = { s3: "s3", gcs: "gs", oss: "oss" } as const;

type Repository = NonNullable<
  NonNullable<NonNullable<Workflow["status"]>["artifactRepositoryRef"]>["artifactRepository"]
>;

/** Reads the results of a workflow, as far as its nodes were asked for. */
export function resultsOf({ metadata, status }: Workflow): WorkflowResults {
  const nodes = status?.nodes ?? {};
  const entry = nodes[metadata.name]?.outputs;
  const outputs = { ...parametersOf(entry), ...parametersOf(status?.outputs) };
  const is_empty = Object.keys(outputs).length === 0;
  const is_cut = !is_empty && Buffer.byteLength(JSON.stringify(outputs)) > MOST_BYTES;
  const repository = status?.artifactRepositoryRef?.artifactRepository ?? {};
  const found = new Map<string, PipelineArtifact>();
  for (const each of [status?.outputs, ...Object.values(nodes).map((node) => node.outputs)])
    for (const artifact of each?.artifacts ?? []) {
      const uri = artifact.deleted ? null : uriOf(artifact, repository);
      if (uri !== null && found.size < MOST_ARTIFACTS) found.set(uri, { name: artifact.name, uri });
    }
  return { outputs: is_empty || is_cut ? null : outputs, is_cut, artifacts: [...found.values()] };
}

function parametersOf(outputs: WorkflowOutputs | undefined): Record<string, unknown> {
  const pairs = (outputs?.parameters ?? []).map(({ name, value }) => [name, value ?? null]);
  return { ...(outputs?.result ? { result: outputs.result } : {}), ...Object.fromEntries(pairs) };
}

/** Null for what is kept where no link leads. */
function uriOf(artifact: WorkflowArtifact, repository: Repository): string | null {
  for (const kind of ["s3", "gcs", "oss"] as const) {
    const place = artifact[kind];
    if (place?.key) return `${SCHEMES[kind]}://${place.bucket || repository[kind]?.bucket || ""}/${place.key}`;
  }
  const { azure, http } = artifact;
  if (azure?.endpoint && azure.container && azure.blob)
    return withoutKeys(`${azure.endpoint}/${azure.container}/${azure.blob}`);
  return http ? withoutKeys(http.url) : null;
}

function withoutKeys(address: string): string | null {
  const url = URL.parse(address);
  return url && `${url.protocol}//${url.host}${url.pathname}`;
}
