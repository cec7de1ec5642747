import { type SharedConfig, sections } from "@gatehouse/runtime";

export type Limits = SharedConfig["limits"];

/** What this service reads of the configuration. */
export const config = {
  gateway: sections.gateway,
  ingest: sections.ingest,
  retention: sections.retention,
  limits: sections.limits,
};
