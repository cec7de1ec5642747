import { type SharedConfig, sections } from "@gatehouse/runtime";

export type Limits = SharedConfig["limits"];

/** What this service reads of the configuration. */
export const config = {
  chat: sections.chat,
  gateway: sections.gateway,
  gpu: sections.gpu,
  ingest: sections.ingest,
  models: sections.models,
  pipelines: sections.pipelines,
  retrieval: sections.retrieval,
  retention: sections.retention,
  limits: sections.limits,
};
