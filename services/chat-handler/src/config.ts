import { sections } from "@gatehouse/runtime";

/** What this service reads of the configuration. */
export const config = {
  chat: sections.chat,
  gpu: sections.gpu,
  models: sections.models,
  retrieval: sections.retrieval,
  retention: sections.retention,
};
