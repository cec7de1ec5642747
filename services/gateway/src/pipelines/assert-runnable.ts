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
  const why = catalogue.whyNot(pipeline);
  if (why !== null) throw new UnknownPipelineError(`Cannot run ${JSON.stringify(pipeline)} as ${why}`);
  const faults = catalogue.faultsOf(pipeline, parameters);
  if (faults.length > 0) throw new BadParametersError(`Cannot run "${pipeline}" as ${faults.join("; ")}`);
}
