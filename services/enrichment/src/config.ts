import { sections } from "@gatehouse/runtime";

/** What this service reads of the configuration. */
export const config = {
  batching: sections.batching,
  gpu: sections.gpu,
  models: sections.models,
  retention: sections.retention,
};
