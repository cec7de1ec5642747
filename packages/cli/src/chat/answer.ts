import type { ChatPart, ChatResponse, ChatSource } from "@gatehouse/events";

type AnswerFault = NonNullable<ChatResponse["error"]>;

/** An answer as the gateway keeps it. */
export interface KeptAnswer {
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  response: string;
  sources: ChatSource[] | null;
  model: ChatResponse["model"];
  usage: ChatResponse["usage"];
  error: AnswerFault | null;
}

/** What changed for a reader. */
export type Change =
  | { what: "text"; text: string }
  | { what: "sources" }
  | { what: "handover"; mode: "continued" | "restarted" }
  | { what: "end" };

/** An answer as far as it was heard: every event counts once, in its order, however often it comes. */
export class Answer {
  readonly request_id: string;
  text = "";
  sources: ChatSource[] = [];
  model: ChatResponse["model"] = null;
  usage: ChatResponse["usage"] = null;
  timings: ChatPart["timings"] | null = null;
  fault: AnswerFault | null = null;
  ended = false;
  /** Events are missing: the text may be wrong until the kept answer has been taken. */
  broken = false;
  /** Null: the first that comes is the beginning. */
  #next_seq: number | null;

  constructor(request_id: string, { from_seq }: { from_seq: number | null }) {
    this.request_id = request_id;
    this.#next_seq = from_seq;
  }

  /** Takes the next event of the stream; null when it changes nothing. */
  take(event: ChatPart): Change | null {
    if (this.ended || event.seq < (this.#next_seq ?? 0)) return null;
    if (this.#next_seq !== null && event.seq > this.#next_seq) this.broken = true;
    this.#next_seq = event.seq + 1;
    if (event.type === "sources") return this.#source(event.sources ?? []);
    if (event.type === "handover") return this.#handOver(event.mode ?? "continued");
    if (event.type === "error") {
      const { code = "UNKNOWN", message = "", retryable = false } = event;
      return this.#end({ code, message, retryable });
    }
    if (event.type === "done") return this.#end(null, event);
    this.text += event.content;
    return event.content ? { what: "text", text: event.content } : null;
  }

  /** Takes an answer that is over as the gateway keeps it, whatever was heard of it. */
  takeKept({ response, sources, model, usage, error, state }: KeptAnswer): Change[] {
    const changes: Change[] = [];
    if (sources && this.sources.length === 0 && sources.length > 0) changes.push(this.#source(sources));
    if (response.startsWith(this.text)) {
      const rest = response.slice(this.text.length);
      if (rest) changes.push({ what: "text", text: rest });
    } else changes.push({ what: "handover", mode: "restarted" }, { what: "text", text: response });
    this.text = response;
    this.broken = false;
    const fault = state === "cancelled" ? { code: "CANCELLED", message: "It was cancelled", retryable: false } : null;
    return [...changes, this.#end(error ?? fault, { model, usage })];
  }

  #source(sources: ChatSource[]): Change {
    this.sources = sources;
    return { what: "sources" };
  }

  #handOver(mode: "continued" | "restarted"): Change {
    if (mode === "restarted") this.text = "";
    return { what: "handover", mode };
  }

  #end(fault: AnswerFault | null, { model, usage, timings }: Partial<ChatPart> = {}): Change {
    this.ended = true;
    this.fault = fault;
    this.model = model ?? null;
    this.usage = usage ?? null;
    this.timings = timings ?? null;
    return { what: "end" };
  }
}
