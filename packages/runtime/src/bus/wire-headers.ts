import type { MsgHdrs } from "@nats-io/nats-core";

/**
 * The headers of a message that is published, as bytes. The client's own headers look for each name and check it;
 * the client's `publish` asks them for nothing but these bytes.
 * @throws {TypeError} when one would end its line
 */
export function wireHeaders(
  id: string | undefined,
  after: number | undefined,
  more: Readonly<Record<string, string>> | undefined,
): WireHeaders | undefined {
  if (id === undefined && after === undefined && !more) return undefined;
  let lines = "NATS/1.0\r\n";
  if (id !== undefined) lines += line("Nats-Msg-Id", id);
  if (after !== undefined) lines += line("Nats-Expected-Last-Subject-Sequence", String(after));
  for (const name in more) lines += line(name, more[name]!);
  return new WireHeaders(Buffer.from(`${lines}\r\n`));
}

export class WireHeaders {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes on the wire. */
  get length(): number {
    return this.#bytes.length;
  }

  encode(): Uint8Array {
    return this.#bytes;
  }

  /** As the client's types want them. */
  asClientHeaders(): MsgHdrs {
    return this as unknown as MsgHdrs;
  }
}

function line(name: string, value: string): string {
  if (ENDS_LINE.test(value) || !NAME.test(name))
    throw new TypeError(`Cannot publish with the header ${JSON.stringify(name)} as it must be one line of text`);
  return `${name}: ${value}\r\n`;
}

const ENDS_LINE = /[\r\n]/;
/** As the client, and whoever publishes with it, understands names: a dead letter keeps those of its message. https://www.rfc-editor.org/rfc/rfc822#section-3.1.2 */
const NAME = /^[\x21-\x39\x3b-\x7e]+$/;
