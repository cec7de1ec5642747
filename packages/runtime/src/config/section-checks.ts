import type { Fault } from "./configuration.ts";
import { joinsReadable, schedulesCome } from "./firing-checks.ts";
import { cardsFit, gpuNamesKnown } from "./gpu-checks.ts";
import { enginesPlain, firedPipelinesKnown, pipelinesRun } from "./pipeline-checks.ts";
import type { SharedConfig } from "./sections.ts";

/** What the shared sections must keep to among each other. */
export const sectionChecks = [
  camerasDiffer,
  cardsFit,
  gpuNamesKnown,
  enginesPlain,
  pipelinesRun,
  firedPipelinesKnown,
  joinsReadable,
  schedulesCome,
] as const;

function camerasDiffer({ cameras }: Pick<SharedConfig, "cameras">): Fault[] {
  return cameras.flatMap(({ id }, index) => {
    const first = cameras.findIndex((camera) => camera.id === id);
    if (first === index) return [];
    return [
      { path: `cameras[${index}].id`, message: `must differ from cameras[${first}].id: current value is "${id}"` },
    ];
  });
}
