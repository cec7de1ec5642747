import { randomUUID } from "node:crypto";
import type { ChatChunk } from "./chat-chunk.ts";
import type { ToolCallDelta } from "./wire-request.ts";

/** A piece of a call as a server sends it. */
type SentCall = NonNullable<NonNullable<ChatChunk["choices"][number]["delta"]>["tool_calls"]>[number];

/** What is known of a call that has begun. */
interface Call {
  index: number;
  /** Its server's; empty where it has none. */
  id: string;
  name: string;
  arguments: string;
}

/**
 * Numbers the calls of one answer from 0 as they begin, and names those without an id: older Ollama and Gemini's door send whole
 * calls, each without an index or as number 0, some without an id.
 */
export class CallNumbers {
  /** The last that began under an index of its server's. */
  readonly #calls = new Map<number, Call>();
  #last: Call | undefined;
  #begun = 0;

  /** A piece under our number; id and name are told by the first piece of a call only. */
  number({ index: sent_index, id, type, function: called, ...more }: SentCall): ToolCallDelta {
    const index = sent_index ?? null;
    const piece = { id: id || "", name: called?.name || "", arguments: called?.arguments || "" };
    const known = index === null ? this.#last : this.#calls.get(index);
    if (!known || beginsAnother(known, piece, index !== null)) {
      const call = { index: this.#begun++, ...piece };
      if (index !== null) this.#calls.set(index, call);
      this.#last = call;
      const told_id = piece.id || `call_${randomUUID().replaceAll("-", "")}`;
      return { ...more, index: call.index, id: told_id, type: type ?? "function", function: named(piece) };
    }
    const added = { name: piece.name === known.name ? "" : piece.name, arguments: piece.arguments };
    known.name += added.name;
    known.arguments += added.arguments;
    return { ...more, index: known.index, function: added.name ? named(added) : { arguments: added.arguments } };
  }
}

const named = ({ name, arguments: args }: Pick<Call, "name" | "arguments">) => ({ name, arguments: args });

/**
 * Whether a piece under the same index begins another call. Its id says so if it comes with a name: some servers make up an id for each
 * piece. Without ids a name does, unless the call has an index and is still being named or repeats its name.
 */
function beginsAnother(known: Call, { id, name }: Omit<Call, "index">, has_index: boolean): boolean {
  if (id !== "" && (name !== "" || !has_index)) return id !== known.id;
  if (name === "") return false;
  if (!has_index) return known.name !== "";
  return known.arguments !== "" && (name !== known.name || isJson(known.arguments));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
