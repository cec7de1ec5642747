import { subjectMatches, subjectOf } from "@gatehouse/events";
import { mesh } from "@gatehouse/streams";
import type { Publish } from "../service.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Bus } from "./bus.ts";
import { findPublished } from "./find-published.ts";

// The broker remembers message ids for two minutes; below that by a margin for clocks.
const TRUSTED_MS = 100_000;

/** What a handler publishes with: message id from the event, trace context along; older than the duplicate window, or fenced, it looks first. */
export function eventPublisher(bus: Bus, telemetry: Telemetry, handler: { readonly signal: AbortSignal }): Publish {
  return async (event, value, { id = event.id?.(value as never), after, created_at_ms, fenced = false } = {}) => {
    let expected = after;
    if (id !== undefined && created_at_ms !== undefined && (fenced || Date.now() - created_at_ms > TRUSTED_MS)) {
      const subject = subjectOf(event, value as object);
      const sought = { stream: streamOf(subject), subject, id, since_ms: created_at_ms };
      const { found, last_seq } = await findPublished(bus, sought, handler.signal);
      if (found) return found;
      if (fenced) expected = last_seq;
    }
    return await bus.publishEvent(event, value, { id, after: expected, headers: telemetry.injectTrace({}) });
  };
}

const { streams } = mesh();

/** The stream that keeps a subject. */
export function streamOf(subject: string): string {
  const found = streams.find(({ subjects }) => subjects.some((pattern) => subjectMatches(pattern, subject)));
  if (!found) throw new TypeError(`No stream keeps "${subject}"`);
  return found.name;
}
