import { eventField, eventFieldNames } from "../firing/event-fields.ts";
import { houseTimezone, isTimezone, readCron } from "../firing/occurrences.ts";
import { parseWhen } from "../firing/parse-when.ts";
import { placeholdersIn } from "../firing/placeholders.ts";
import { findPipeline, type PipelineSettings } from "../pipelines/find-pipeline.ts";
import { compileParameters } from "../pipelines/parameter-check.ts";
import type { Fault } from "./configuration.ts";
import { nearestName } from "./nearest-name.ts";
import type { SharedConfig } from "./sections.ts";

type Settings = Pick<SharedConfig, "pipelines">;

/** Every join says which events it means, in words that events have. */
export function joinsReadable({ pipelines }: Settings): Fault[] {
  return pipelines.joins.flatMap(({ when, parameters, pipeline }, i) => {
    const path = `pipelines.joins[${i}]`;
    const faults: Fault[] = [];
    parseWhen(when, (message) => faults.push({ path: `${path}.when`, message }));
    const names = placeholdersIn(parameters);
    for (const name of names)
      if (eventField(name) === null) faults.push({ path: `${path}.parameters`, message: unknownField(name) });
    // What placeholders become is not known before there is an event.
    if (names.length === 0) faults.push(...misfits(pipelines, { pipeline, parameters, path }));
    return faults;
  });
}

function unknownField(name: string): string {
  const near = nearestName(name, eventFieldNames());
  const known = near ? `did you mean "{${near}}"` : `known are ${eventFieldNames().join(", ")}`;
  return `names "{${name}}", which is no field of an event: ${known}`;
}

/** Every schedule comes, in a time zone that there is, with parameters that its pipeline takes. */
export function schedulesCome({ pipelines }: Settings): Fault[] {
  return pipelines.schedules.flatMap(({ cron, timezone, parameters, pipeline }, i) => {
    const path = `pipelines.schedules[${i}]`;
    return [...cronFaults({ cron, timezone, path }), ...misfits(pipelines, { pipeline, parameters, path })];
  });
}

function cronFaults({ cron, timezone, path }: { cron: string; timezone: string | null; path: string }): Fault[] {
  const zone = timezone ?? houseTimezone();
  if (!isTimezone(zone))
    return [{ path: `${path}.timezone`, message: `must be a time zone, as Europe/Berlin: current value is "${zone}"` }];
  try {
    if (readCron(cron, zone).after(Date.now()) !== null) return [];
    return [{ path: `${path}.cron`, message: `must come at some time: "${cron}" never does` }];
  } catch (error) {
    return [{ path: `${path}.cron`, message: `must be a cron pattern: ${(error as Error).message}` }];
  }
}

/** A pipeline that cannot be run, or whose schema is none, is told of elsewhere. */
function misfits(
  pipelines: PipelineSettings,
  { pipeline, parameters, path }: { pipeline: string; parameters: Record<string, unknown>; path: string },
): Fault[] {
  const schema = findPipeline(pipelines, pipeline)?.parameters;
  if (!schema) return [];
  let check: ReturnType<typeof compileParameters>;
  try {
    check = compileParameters(schema);
  } catch {
    return [];
  }
  return check(parameters).map((sentence) => ({
    path: `${path}.parameters`,
    message: `must be what ${pipeline} takes: ${sentence}`,
  }));
}
