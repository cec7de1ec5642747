import type { Pool } from "undici";
import { questionFor } from "./wire.ts";

/** Asks a model by hand: each event is parsed; nothing is checked, timed or bounded. */
export async function* modelStream(pool: Pool, tokens: number): AsyncGenerator<string> {
  const messages = [{ role: "user", content: questionFor(tokens) }];
  const { body } = await pool.request({
    method: "POST",
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ model: "bench", messages, stream: true, stream_options: { include_usage: true } }),
  });
  let begun = "";
  for await (const chunk of body) {
    const events = (begun + String(chunk)).split("\n\n");
    begun = events.pop() ?? "";
    for (const event of events) {
      if (event === "data: [DONE]") return;
      const text = JSON.parse(event.slice(6)).choices[0]?.delta.content as string | undefined;
      if (text) yield text;
    }
  }
}
