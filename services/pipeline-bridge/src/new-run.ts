import type { PipelineTrigger } from "@gatehouse/events";
import type { Catalogue } from "@gatehouse/runtime";
import type { NewRun } from "@gatehouse/store";
import { BadParametersError, UnknownPipelineError } from "./errors.ts";
import { runError } from "./run-error.ts";
import { runName } from "./run-name.ts";

/** Where a run comes from. */
export interface RunOrigin {
  /** `request`, `join:{name}`, `schedule:{name}`. */
  origin: string;
  /** Headers of the trace that it goes on in. */
  trace: Readonly<Record<string, string>>;
}

/** What is written down of a run: who runs it, under which name, or what is wrong with it. */
export function newRun(catalogue: Catalogue, asked: PipelineTrigger, from: RunOrigin): NewRun {
  const { request_id, pipeline } = asked;
  const entry = catalogue.find(pipeline);
  const fault = faultOf(catalogue, asked);
  return {
    request_id,
    pipeline,
    ...from,
    parameters: fault?.code === "BAD_PARAMETERS" ? {} : asked.parameters,
    engine: entry?.engine ?? null,
    namespace: entry?.namespace ?? "",
    run_name: runName(request_id),
    refused: fault && runError(fault),
  };
}

/** Why a run cannot be: no such pipeline, or parameters that it does not take. Null: it can. */
export function faultOf(
  catalogue: Catalogue,
  { pipeline, parameters }: Pick<PipelineTrigger, "pipeline" | "parameters">,
): (Error & { code: string }) | null {
  const why = catalogue.whyNot(pipeline);
  if (why !== null) return new UnknownPipelineError(`Cannot run pipeline "${pipeline}" as ${why}`);
  const fault = catalogue.faultsOf(pipeline, parameters).join("; ");
  return fault === "" ? null : new BadParametersError(`Cannot run pipeline "${pipeline}" as ${fault}`);
}
