import { type CameraDetections, cameraDetections } from "@gatehouse/events";
import type { Llm } from "@gatehouse/models";
import { ack, defineService, input, type MessageContext, type Verdict } from "@gatehouse/runtime";
import type { Database } from "@gatehouse/store";
import type { BatchRules } from "./batching.ts";
import { config } from "./config.ts";
import { forgetEvents } from "./forget-old.ts";
import type { InOrder } from "./in-order.ts";
import { scoreLater } from "./score-later.ts";
import { SERVICE } from "./service-name.ts";
import { start } from "./start.ts";
import { takeSet } from "./take-set.ts";
import { tellEarly } from "./tell-early.ts";
import { tellEvent } from "./tell-event.ts";

/** What the flow leans on. */
export interface Deps {
  readonly db: Database;
  readonly llm: Llm;
  readonly rules: BatchRules;
  /** Events older than this go. */
  readonly keep_days: number;
  /** Sets of one camera, one after the other. */
  readonly order: InOrder;
  /** A judgement will be asked for soon: models that share a card are loaded, if there is room. */
  hintModels(): void;
}

/** Detections in, grouped into batches: one transaction under the camera's row lock. Events follow as due work. */
export async function groupDetections(
  set: CameraDetections,
  { db, rules, order, hintModels, stage, trace }: MessageContext<Deps>,
): Promise<Verdict> {
  const take = () => db.transaction((tx) => takeSet(tx, set, { rules, now_ms: Date.now(), trace: trace() }));
  if (set.detections.length > 0) hintModels();
  await order.run(set.camera_id, () => stage("persist", take));
  return ack;
}

export const service = defineService({
  name: SERVICE,
  config,
  inputs: [input("enrichment", cameraDetections, groupDetections)],
  due: { tell: tellEvent, early: tellEarly, score: scoreLater, forget: forgetEvents },
  start,
});
