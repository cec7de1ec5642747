import { createHash } from "node:crypto";
import type { Catalogue, HandlerContext } from "@gatehouse/runtime";
import { type Queryable, type RunTakenIn, takeInRun } from "@gatehouse/store";
import { hasten } from "../intake.ts";
import { newRun } from "../new-run.ts";
import type { Nudges } from "../submitting/nudges.ts";

/** What fires a run without being asked, and for what. */
export interface Firing {
  kind: "join" | "schedule";
  /** Of the join or schedule. */
  name: string;
  /** What it is fired for, once: an event's id, an occurrence's time. */
  occasion: string;
  pipeline: string;
  parameters: Record<string, unknown>;
  /** Headers of the trace that it goes on in. */
  trace: Record<string, string>;
}

const PREFIX = { join: "join", schedule: "cron" } as const;

/** Named by what fires it and for what, so that nothing is fired twice for one occasion: `join-{40 hex digits}`. */
export function firedRequestId({ kind, name, occasion }: Pick<Firing, "kind" | "name" | "occasion">): string {
  const hash = createHash("sha256").update(`${name}\0${occasion}`).digest("hex");
  return `${PREFIX[kind]}-${hash.slice(0, 40)}`;
}

/** Takes a run in as a trigger would be. `known` and `reused`: it was fired for this occasion before, with what was known then. */
export function fireRun(db: Queryable, catalogue: Catalogue, firing: Firing): Promise<RunTakenIn> {
  const { kind, name, pipeline, parameters, trace } = firing;
  const trigger = { request_id: firedRequestId(firing), pipeline, parameters };
  return takeInRun(db, newRun(catalogue, trigger, { origin: `${kind}:${name}`, trace }));
}

/** Tells the log of a run that was fired, and has it begun with. Those that had been fired before go unsaid. */
export function followFired(
  became: RunTakenIn,
  { kind, name, occasion, pipeline }: Firing,
  context: Pick<HandlerContext, "log" | "wakeDue"> & { nudges: Nudges; catalogue: Catalogue },
): void {
  if (became === "known" || became === "reused") return;
  context.log.info({ [kind]: name, occasion, pipeline, became }, "pipeline fired");
  hasten(became, context.catalogue.find(pipeline)?.engine ?? null, context);
}
