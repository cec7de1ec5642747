import { eventField, eventFieldNames } from "../firing/event-fields.ts";
import { houseTimezone, isTimezone, readCron } from "../firing/occurrences.ts";
import { parseWhen } from "../firing/parse-when.ts";
import { placeholdersIn, placesOf } from "../firing/placeholders.ts";
import { findPipeline, type PipelineSettings } from "../pipelines/find-pipeline.ts";
import { nameFault } from "../pipelines/name-fault.ts";
import { compileFaults, type ParameterFault } from "../pipelines/parameter-check.ts";
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
    for (const name of placeholdersIn(parameters))
      if (eventField(name) === null) faults.push({ path: `${path}.parameters`, message: unknownField(name) });
    return [...faults, ...misfits(pipelines, { pipeline, parameters, path })];
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
  const { parameters: schema, engine } = findPipeline(pipelines, pipeline) ?? {};
  const told = (sentence: string) => ({
    path: `${path}.parameters`,
    message: `must be what ${pipeline} takes: ${sentence}`,
  });
  const fault = engine === "argo" ? nameFault(parameters) : null;
  if (fault !== null) return [told(fault)];
  if (!schema) return [];
  let check: ReturnType<typeof compileFaults>;
  try {
    check = compileFaults(schema, { all: true });
  } catch {
    return [];
  }
  return withoutGuesses(check(parameters), placesOf(parameters)).map(({ sentence }) => told(sentence));
}

/** Words that may hold of one text and not of another somewhere below. */
const CHOOSING: readonly string[] = ["anyOf", "oneOf", "not", "if", "contains"];
const COMPARING: readonly string[] = ["const", "enum", "uniqueItems"];

/** What placeholders become is not known before there is an event: what may hold then is no fault. */
function withoutGuesses(faults: ParameterFault[], places: readonly string[]): ParameterFault[] {
  const isAbove = ({ at }: ParameterFault) => places.some((place) => place === at || place.startsWith(`${at}/`));
  if (faults.some((fault) => CHOOSING.includes(fault.word) && isAbove(fault))) return [];
  return faults.filter(
    (fault) =>
      !places.some((place) => place === fault.at || fault.at.startsWith(`${place}/`)) &&
      !(COMPARING.includes(fault.word) && isAbove(fault)),
  );
}
