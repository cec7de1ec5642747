import { DAY, MB, type StreamDeclaration, stream } from "./declaration.ts";

export const aiPipeline = (): StreamDeclaration =>
  stream("AI_PIPELINE", ["ai.pipeline.>"], { max_age_ms: DAY, max_bytes: 64 * MB });
