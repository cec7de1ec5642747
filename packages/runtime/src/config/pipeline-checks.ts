import { engineOf, LOCAL_PIPELINES, missingSetting, parametersOf, pipelineNames } from "../pipelines/find-pipeline.ts";
import { compileParameters } from "../pipelines/parameter-check.ts";
import type { Fault } from "./configuration.ts";
import { nearestName } from "./nearest-name.ts";
import type { SharedConfig } from "./sections.ts";

type Settings = Pick<SharedConfig, "pipelines">;
type Pipeline = SharedConfig["pipelines"]["catalogue"][string];

/** Settings of a pipeline that only one engine reads. */
const OWN = {
  template: "argo",
  pipeline_id: "kubeflow",
  version_id: "kubeflow",
  experiment_id: "kubeflow",
} as const;

/** The address of an engine is nothing but that: it stands in errors, and links to what runs made begin with it. */
export function enginesPlain({ pipelines }: Settings): Fault[] {
  return (["argo", "kubeflow"] as const).flatMap((engine) => {
    const { url } = pipelines[engine] ?? {};
    if (url === undefined || !/[?#]/.test(url)) return [];
    return [{ path: `pipelines.${engine}.url`, message: "must have neither a query nor a fragment" }];
  });
}

/** Every pipeline of the catalogue can be run by an engine that there is. */
export function pipelinesRun({ pipelines }: Settings): Fault[] {
  return Object.entries(pipelines.catalogue).flatMap(([name, written]) => {
    const path = `pipelines.catalogue.${name}`;
    const engine = engineOf(pipelines, name);
    if (engine === null) return [{ path: `${path}.engine`, message: "is missing: it must be argo or kubeflow" }];
    const faults = [...ownFaults(path, written, engine), ...schemaFaults(path, parametersOf(pipelines, name))];
    if (engine === "local" && !LOCAL_PIPELINES.includes(name))
      faults.push({
        path: `${path}.engine`,
        message: `must be argo or kubeflow, as local runs only ${LOCAL_PIPELINES.join(", ")}: current value is "local"`,
      });
    const missing = missingSetting(pipelines, name);
    if (missing === `${path}.pipeline_id`) faults.push({ path: missing, message: "is missing" });
    else if (missing !== null)
      faults.push({ path: `${path}.engine`, message: `must be one that there is: ${missing} is missing` });
    return faults;
  });
}

/** Joins and schedules have a name of their own each, and run what can be run. */
export function firedPipelinesKnown({ pipelines }: Settings): Fault[] {
  const known = pipelineNames(pipelines);
  return (["joins", "schedules"] as const).flatMap((kind) =>
    pipelines[kind].flatMap(({ name, pipeline }, i) => {
      const path = `pipelines.${kind}[${i}]`;
      const first = pipelines[kind].findIndex((other) => other.name === name);
      const faults: Fault[] = [];
      if (first !== i)
        faults.push({
          path: `${path}.name`,
          message: `must differ from pipelines.${kind}[${first}].name: current value is "${name}"`,
        });
      const missing = missingSetting(pipelines, pipeline);
      if (missing !== null)
        faults.push({ path: `${path}.pipeline`, message: unrunnable(pipeline, missing, nearestName(pipeline, known)) });
      return faults;
    }),
  );
}

function unrunnable(pipeline: string, missing: string, near: string | null): string {
  const hint = near !== null && near !== pipeline ? `, did you mean "${near}"` : `, ${missing} is missing`;
  return `must name a pipeline that can be run: current value is "${pipeline}"${hint}`;
}

function ownFaults(path: string, written: Pipeline, engine: string): Fault[] {
  return Object.entries(OWN).flatMap(([field, reader]) => {
    if (reader === engine || written[field as keyof typeof OWN] === undefined) return [];
    return [{ path: `${path}.${field}`, message: `must be absent, as only ${reader} reads it: engine is "${engine}"` }];
  });
}

function schemaFaults(path: string, schema: Readonly<Record<string, unknown>> | null): Fault[] {
  if (schema === null) return [];
  try {
    compileParameters(schema);
    return [];
  } catch (error) {
    return [{ path: `${path}.parameters`, message: `must be a JSON Schema: ${(error as Error).message}` }];
  }
}
