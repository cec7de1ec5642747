import type { Handover, LlmEnd, LlmPart } from "./llm.ts";

/** Reads a stream as a client does: text after text, what was told is dropped when an answer begins anew. */
export async function collect(parts: AsyncGenerator<LlmPart, LlmEnd, void>) {
  const handovers: Handover[] = [];
  let text = "";
  for (;;) {
    const next = await parts.next();
    if (next.done) return { text, handovers, end: next.value };
    if ("text" in next.value) text += next.value.text;
    else {
      handovers.push(next.value.handover);
      if (next.value.handover.mode === "restarted") text = "";
    }
  }
}
