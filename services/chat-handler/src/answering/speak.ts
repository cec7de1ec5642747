import { setTimeout as elapsed } from "node:timers/promises";
import { GatehouseError } from "@gatehouse/errors";
import type { Llm } from "@gatehouse/models";
import type { AnswerStream } from "./answer-stream.ts";
import { type Asked, ask } from "./asking.ts";
import type { HeadStart } from "./head-start.ts";
import type { Spoken } from "./spoken.ts";
import { Words } from "./words.ts";

export interface Speaking extends Omit<Asked, "said"> {
  /** The model was asked so already; null: it was not. */
  head: HeadStart | null;
  /** A model that does not answer is asked again for so long since the last word. */
  patience_ms: number;
  /** Is told what comes of it. */
  spoken: Spoken;
  signal: AbortSignal;
  /** The first word of each try is on its way. */
  onFirst(): Promise<void>;
}

const FIRST_WAIT_MS = 200;
const MOST_WAIT_MS = 2_000;

/**
 * Has the model say an answer into its stream, going on from what was told before. One that breaks off or does not answer is
 * asked to go on. @throws what stopped it, or the stream
 */
export async function speak(llm: Llm, stream: AnswerStream, speaking: Speaking): Promise<void> {
  const { signal, patience_ms } = speaking;
  let wait_ms = FIRST_WAIT_MS;
  let last_word_ms = performance.now();
  let length = 0;
  let { head } = speaking;
  while (true) {
    try {
      return await once(llm, stream, { ...speaking, head });
    } catch (error) {
      head = null;
      signal.throwIfAborted();
      if (stream.fault !== null || !mayPass(error)) throw error;
      await stream.flush();
      if (stream.told.text.length !== length) {
        last_word_ms = performance.now();
        wait_ms = FIRST_WAIT_MS;
      }
      length = stream.told.text.length;
      if (performance.now() + wait_ms > last_word_ms + patience_ms) throw error;
      await elapsed(wait_ms, undefined, { signal }).catch(() => signal.throwIfAborted());
      wait_ms = Math.min(2 * wait_ms, MOST_WAIT_MS);
    }
  }
}

const mayPass = (error: unknown): boolean => error instanceof GatehouseError && error.retry !== "never";

async function once(llm: Llm, stream: AnswerStream, speaking: Speaking): Promise<void> {
  const { messages, user_id, max_tokens, head, spoken, signal, onFirst } = speaking;
  const said = stream.told.text;
  let words = new Words({ has_begun: said !== "" });
  let has_spoken = false;
  const asked = { messages, user_id, max_tokens, ...(said === "" ? {} : { said }) };
  const asking = head?.take(signal) ?? ask(llm, asked, signal);
  const { parts, first } = asking;
  spoken.asked(asking, messages);
  try {
    for (let next = first; ; next = parts.next()) {
      const part = await next;
      if (part.done) return spoken.ended(part.value);
      if ("handover" in part.value) {
        const { mode } = part.value.handover;
        await stream.part({ type: "handover", mode });
        spoken.handedOver(mode);
        if (mode === "restarted") words = new Words({ has_begun: false });
        continue;
      }
      if (spoken.pieces >= max_tokens) return;
      spoken.piece();
      const text = words.pass(part.value.text);
      if (text === "") continue;
      await stream.text(text);
      if (!has_spoken) await onFirst();
      has_spoken = true;
    }
  } finally {
    await parts.return(undefined as never);
  }
}
