import { sections } from "@gatehouse/runtime";

/** What this service reads of the configuration. */
export const config = {
  cameras: sections.cameras,
  ingest: sections.ingest,
  detection: sections.detection,
  gpu: sections.gpu,
  models: sections.models,
  retention: sections.retention,
};
