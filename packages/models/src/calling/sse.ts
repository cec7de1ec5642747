/**
 * Reads server-sent events out of bytes as they come: the `data` of each. Comments and other fields are passed over; lines end
 * with LF or CRLF.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseReader {
  readonly #decoder = new TextDecoder();
  /** Of the line that is not whole yet. */
  #begun = "";
  /** Of the event that is not whole yet. */
  #data: string[] = [];

  /** Characters of the event that is not whole yet: whoever reads a server without an end bounds them. */
  get pending(): number {
    return this.#data.reduce((sum, { length }) => sum + length, this.#begun.length);
  }

  /** The events that these bytes end. */
  push(bytes: Uint8Array): string[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    if (!text.includes("\n")) {
      this.#begun += text;
      return [];
    }
    const lines = (this.#begun + text).split("\n");
    this.#begun = lines.pop() ?? "";
    return this.#events(lines);
  }

  /** What was left when the bytes ended. */
  end(): string[] {
    const rest = this.#begun ? [this.#begun, ""] : [""];
    this.#begun = "";
    return this.#events(rest);
  }

  #events(lines: readonly string[]): string[] {
    const events: string[] = [];
    for (const raw of lines) {
      const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
      if (line.startsWith("data:")) this.#data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      else if (line === "" && this.#data.length > 0) {
        events.push(this.#data.join("\n"));
        this.#data = [];
      }
    }
    return events;
  }
}
