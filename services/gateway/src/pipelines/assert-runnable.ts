import type { PipelineTrigger } from "@gatehouse/events";
import type { Catalogue } from "@gatehouse/runtime";
import { BadParametersError, PayloadInvalidError, UnknownPipelineError } from "../errors.ts";
import { isFired } from "../rights.ts";

/**
 * What cannot be run is refused before anything is published.
 * @throws {PayloadInvalidError} @throws {UnknownPipelineError} @throws {BadParametersError}
 */
export function assertRunnable(catalogue: Catalogue, { request_id, pipeline, parameters }: PipelineTrigger): void {
  if (isFired(request_id))
    throw new PayloadInvalidError(
      `Cannot run a pipeline as "${request_id}" as such ids are those of joins and schedules`,
    );
  if (catalogue.find(pipeline) === null) throw unknown(catalogue, pipeline);
  const faults = catalogue.faultsOf(pipeline, parameters);
  if (faults.length > 0) throw new BadParametersError(`Cannot run "${pipeline}" as ${faults.join("; ")}`);
}

/** Names what can be run, or the setting without which this cannot. */
function unknown(catalogue: Catalogue, pipeline: string): Error {
  const known = catalogue.list();
  const pipelines = known.filter(({ configured }) => configured).map(({ name }) => name);
  const missing = known.find(({ name }) => name === pipeline)?.missing;
  const why = missing ? `${missing} must be set: it is not` : `the pipeline must be one of ${pipelines.join(", ")}`;
  return new UnknownPipelineError(`Cannot run ${JSON.stringify(pipeline)} as ${why}`);
}
