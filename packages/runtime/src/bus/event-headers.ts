import type { EventType } from "@gatehouse/events";

/** What is said about every published event besides its body. */
export interface Envelope {
  /** Adds the CloudEvents attributes, binary mode (`ce-id`, `ce-type`, …); each header costs publishing rate. */
  cloudevents: boolean;
  /** Who publishes, as `ce-source`. */
  source: string;
}

const CONTENT_TYPE = "application/msgpack";

/** Headers of one event. Source of the attributes: CloudEvents 1.0.2, NATS protocol binding, binary content mode. */
export function eventHeaders(
  event: EventType,
  id: string | undefined,
  { cloudevents, source }: Envelope,
  now_ms: number,
): Record<string, string> {
  if (!cloudevents || id === undefined) return { "content-type": CONTENT_TYPE };
  return {
    "content-type": CONTENT_TYPE,
    "ce-specversion": "1.0",
    "ce-id": id,
    "ce-type": `gatehouse.${event.name}`,
    "ce-source": `/gatehouse/${source}`,
    "ce-time": new Date(now_ms).toISOString(),
  };
}
