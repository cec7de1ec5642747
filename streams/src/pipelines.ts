import { pipelineCancel, pipelineTrigger, wildcardOf } from "@gatehouse/events";
import { consumer, DAY, MB, type StreamDeclaration, stream } from "./declaration.ts";

/** Triggers and cancels are only written down: what happens then is due work. */
const intake = { kind: "slow", ack_wait_ms: 5_000, give_up_after_ms: DAY / 2 } as const;

export const aiPipeline = (): StreamDeclaration =>
  stream("AI_PIPELINE", ["ai.pipeline.>"], {
    max_age_ms: DAY,
    max_bytes: 256 * MB,
    consumers: [
      consumer("pipeline-bridge", wildcardOf(pipelineTrigger), { ...intake, in_flight: 16 }),
      consumer("pipeline-bridge-cancel", wildcardOf(pipelineCancel), {
        ...intake,
        in_flight: 64,
        beside_suspects: true,
      }),
    ],
  });
