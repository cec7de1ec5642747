import type { CameraEvent } from "@gatehouse/events";
import {
  ack,
  type Catalogue,
  fillPlaceholders,
  type MessageContext,
  type Verdict,
  whenHolds,
} from "@gatehouse/runtime";
import type { Database } from "@gatehouse/store";
import type { Nudges } from "../submitting/nudges.ts";
import { type Firing, fireRun, followFired } from "./fire-run.ts";
import type { Join } from "./joins.ts";

/** What joins lean on. */
export interface JoinDeps {
  readonly db: Database;
  readonly catalogue: Catalogue;
  readonly nudges: Nudges;
  readonly joins: readonly Join[];
}

/** A revision of a security event in: each join that means it is fired, once for the event, by the first revision that it means. */
export async function fireJoins(event: CameraEvent, context: MessageContext<JoinDeps>): Promise<Verdict> {
  const { db, catalogue, joins, delivery, stage, trace } = context;
  for (const { name, when, pipeline, parameters: written } of joins) {
    if (!whenHolds(when, { event, on: delivery.subject })) continue;
    const parameters = fillPlaceholders(written, event);
    const occasion = event.event_id;
    const firing: Firing = { kind: "join", name, occasion, pipeline, parameters, trace: trace() };
    followFired(await stage("fire", () => fireRun(db, catalogue, firing)), firing, context);
  }
  return ack;
}
