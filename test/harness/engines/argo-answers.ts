import type { KeptRun } from "./argo-runs.ts";
import { ENDED } from "./argo-runs.ts";

/** A run as the definitions have it, after so many of its changes. */
export function toldRun(run: KeptRun, { changes = run.history.length, version = 0 } = {}): Record<string, unknown> {
  const { given, uid, created_at_ms, script } = run;
  const history = run.history.slice(0, changes);
  const last = history.at(-1)!;
  const started = history.find(({ phase }) => phase !== "");
  const has_ended = ENDED.has(last.phase);
  const { outputs, artifacts } = script;
  const made = last.phase === "Succeeded" ? outputsOf(outputs, artifacts) : {};
  const node = { id: given.name, name: given.name, type: "Pod", phase: last.phase, templateName: "main" };
  return {
    metadata: {
      name: given.name,
      namespace: given.namespace,
      uid,
      resourceVersion: String(Math.max(version, last.version)),
      creationTimestamp: inSeconds(created_at_ms),
      labels: labelsOf(run, changes),
      annotations: given.annotations,
    },
    spec: {
      arguments: { parameters: given.parameters },
      workflowTemplateRef: { name: given.template },
      ...(run.shutdown === null ? {} : { shutdown: run.shutdown }),
    },
    status: {
      ...(last.phase === "" ? {} : { phase: last.phase, progress: has_ended ? "1/1" : "0/1" }),
      ...(started ? { startedAt: inSeconds(started.at_ms) } : {}),
      ...(has_ended ? { finishedAt: inSeconds(last.at_ms) } : {}),
      ...(last.message ? { message: last.message } : {}),
      ...(made.parameters ? { outputs: { parameters: made.parameters } } : {}),
      ...(started ? { nodes: { [given.name]: { ...node, outputs: made } } } : {}),
    },
  };
}

/** Its own, and those with which Argo's controller marks it. */
export function labelsOf({ given, history }: KeptRun, changes = history.length): Record<string, string> {
  const { phase } = history[changes - 1]!;
  const marks = { "workflows.argoproj.io/phase": phase, "workflows.argoproj.io/completed": String(ENDED.has(phase)) };
  return phase === "" ? given.labels : { ...given.labels, ...marks };
}

/** A list of runs, page by page, ordered by name. */
export function listRuns(runs: readonly KeptRun[], query: URLSearchParams, version: number): Record<string, unknown> {
  const selects = selectorOf(query.get("listOptions.labelSelector"));
  const name = /^metadata\.name=(.+)$/.exec(query.get("listOptions.fieldSelector") ?? "")?.[1];
  const limit = Number(query.get("listOptions.limit") ?? 0) || Number.POSITIVE_INFINITY;
  const [of = String(version), after = ""] = (query.get("listOptions.continue") ?? "").split(" ").filter(Boolean);
  const found = runs.filter(
    (run) => selects(labelsOf(run)) && (name ?? run.given.name) === run.given.name && run.given.name > after,
  );
  const page = found.slice(0, limit);
  const more = found.length > page.length;
  return {
    metadata: {
      resourceVersion: of,
      ...(more ? { continue: `${of} ${page.at(-1)!.given.name}`, remainingItemCount: found.length - page.length } : {}),
    },
    items: page.map((run) => toldRun(run)),
  };
}

/** Whether labels are as a selector of equalities (`a=b`, `a!=b`) says. */
export function selectorOf(selector: string | null): (labels: Record<string, string>) => boolean {
  const wanted = (selector ?? "").split(",").filter(Boolean);
  const checks = wanted.map((one) => {
    const [, key = "", sign, value] = /^([^!=]+)(!?==?)(.*)$/.exec(one) ?? [];
    return (labels: Record<string, string>) => (labels[key] === value) === !sign?.startsWith("!");
  });
  return (labels) => checks.every((holds) => holds(labels));
}

/** Leaves what `fields` names (all of it without one), as Argo does: a name is also the beginning of others. */
export function withFields(value: Record<string, unknown>, fields: string | null): Record<string, unknown> {
  if (!fields) return value;
  const is_left_out = fields.startsWith("-");
  const names = new Set((is_left_out ? fields.slice(1) : fields).split(","));
  const leads = new Set(
    [...names].flatMap((name) => name.split(".").map((_, at, parts) => parts.slice(0, at + 1).join("."))),
  );
  const clean = (item: unknown, path: string): unknown => {
    if (Array.isArray(item)) return item.map((one) => clean(one, path));
    if (typeof item !== "object" || item === null) return item;
    return Object.fromEntries(
      Object.entries(item).flatMap(([key, inner]) => {
        const at = path === "" ? key : `${path}.${key}`;
        if (is_left_out) return names.has(at) ? [] : [[key, clean(inner, at)]];
        if (names.has(at)) return [[key, inner]];
        return leads.has(at) ? [[key, clean(inner, at)]] : [];
      }),
    );
  };
  return clean(value, "") as Record<string, unknown>;
}

/** Kubernetes keeps whole seconds. */
const inSeconds = (at_ms: number): string =>
  new Date(Math.floor(at_ms / 1000) * 1000).toISOString().replace(".000Z", "Z");

function outputsOf(
  outputs: Record<string, unknown> | undefined,
  artifacts: { name: string; uri: string }[] | undefined,
) {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return {
    ...(outputs ? { parameters: Object.entries(outputs).map(([name, value]) => ({ name, value: text(value) })) } : {}),
    ...(artifacts ? { artifacts: artifacts.map(artifactOf) } : {}),
  };
}

/** `s3://bucket/key` and `gs://bucket/key` are taken apart, `s3:key` has the bucket of the cluster; others are HTTP. */
function artifactOf({ name, uri }: { name: string; uri: string }): Record<string, unknown> {
  const [, kind, bucket, key] = /^(s3|gs):(?:\/\/([^/]+)\/)?(.+)$/.exec(uri) ?? [];
  if (!kind) return { name, http: { url: uri } };
  return { name, [kind === "s3" ? "s3" : "gcs"]: { ...(bucket ? { bucket } : {}), key } };
}
