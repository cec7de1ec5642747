import type { ChatPart } from "@gatehouse/events";

/** What a part says beside its place in the answer. */
export type PartFields = Pick<ChatPart, "type"> & Partial<Omit<ChatPart, "request_id" | "seq" | "timestamp_ms">>;

/** A part as it is published. */
export function partOf({ request_id, seq }: Pick<ChatPart, "request_id" | "seq">, fields: PartFields): ChatPart {
  return { request_id, seq, content: "", done: false, timestamp_ms: Date.now(), ...fields };
}
