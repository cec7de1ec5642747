import type { GatehouseError } from "@gatehouse/errors";
import { SseReader } from "@gatehouse/models";
import { EngineAnswerError, EngineAwayError } from "../../errors.ts";
import type { EngineRun } from "../engine.ts";
import type { EngineFault } from "../http/engine-fault.ts";
import { readWorkflow } from "./read-workflow.ts";
import type { Shapes } from "./workflow-shape.ts";

/** What a watch says. */
export type WatchNews =
  | { kind: "changed" | "deleted"; run: EngineRun }
  /** Nothing happened up to that version. */
  | { kind: "bookmark"; version: number }
  /** Something came. */
  | { kind: "alive" }
  /** Argo ends the watch: `is_over`: its time is up, and the next goes on where it stopped; else the runs are to be listed anew. */
  | { kind: "end"; is_over: boolean }
  /** What was said could not be read. */
  | { kind: "unread"; error: GatehouseError };

/** The longest event that is read, in characters. */
const MOST_EVENT = 4 * 1024 * 1024;
/** With which Argo says that its own watch was ended: RESOURCE_EXHAUSTED, "EOF". */
const OVER = 429;

/** Reads the frames of a watch out of its bytes; being cut off or silent for too long ends it. @throws the reason of whoever gave up */
export async function* readNews(
  bytes: AsyncIterable<Uint8Array>,
  { shapes, fault }: { shapes: Shapes; fault: EngineFault },
): AsyncGenerator<WatchNews> {
  const reader = new SseReader();
  try {
    for await (const chunk of bytes) {
      yield { kind: "alive" };
      for (const data of reader.push(chunk)) yield newsOf(data, { shapes, fault });
      if (reader.pending <= MOST_EVENT) continue;
      const reason = `an event must be at most ${MOST_EVENT} characters: it goes on after that`;
      yield { kind: "unread", error: fault(EngineAnswerError, reason) };
      yield { kind: "end", is_over: false };
      return;
    }
  } catch (error) {
    if (!(error instanceof EngineAwayError)) throw error;
  }
  yield { kind: "end", is_over: true };
}

function newsOf(data: string, checks: { shapes: Shapes; fault: EngineFault }): WatchNews {
  try {
    return readFrame(JSON.parse(data), checks);
  } catch (error) {
    if (error instanceof EngineAnswerError) return { kind: "unread", error };
    const begins = JSON.stringify(data.slice(0, 60));
    return {
      kind: "unread",
      error: checks.fault(EngineAnswerError, `an event must be JSON: it begins with ${begins}`),
    };
  }
}

function readFrame(value: unknown, checks: { shapes: Shapes; fault: EngineFault }): WatchNews {
  const { shapes, fault } = checks;
  if (!shapes.frame.holds(value)) throw fault(EngineAnswerError, "an event must have a result with type and object");
  if (!value.result) return { kind: "end", is_over: value.error?.http_code === OVER };
  const { type, object } = value.result;
  if (type === "ADDED" || type === "MODIFIED") return { kind: "changed", run: readWorkflow(object, checks) };
  if (type === "DELETED") return { kind: "deleted", run: readWorkflow(object, checks) };
  if (type === "BOOKMARK" && shapes.bookmark.holds(object))
    return { kind: "bookmark", version: Number(object.metadata.resourceVersion) };
  throw fault(EngineAnswerError, `an event's type must be known: current value is "${type.slice(0, 40)}"`);
}
