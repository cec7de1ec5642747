import { sections } from "@gatehouse/runtime";

/** What this service reads of the configuration. */
export const config = {
  models: sections.models,
  pipelines: sections.pipelines,
  retention: sections.retention,
};
