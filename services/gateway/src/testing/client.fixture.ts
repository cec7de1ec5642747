import { once } from "node:events";
import { decodeBody, encode } from "@gatehouse/events";
import WebSocket, { type ClientOptions } from "ws";

/** What the gateway said. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
export type Told = any;

/** A WebSocket client that waits for what it is told. */
export class Client {
  readonly socket: WebSocket;
  readonly heard: Told[] = [];
  #wake: () => void = () => undefined;

  constructor(url: string, { protocol, ...options }: ClientOptions & { protocol?: string } = {}) {
    this.socket = new WebSocket(url, protocol ? [protocol] : [], options);
    this.socket.on("message", (data: Buffer) => {
      this.heard.push(decodeBody(data).fields);
      this.#wake();
    });
  }

  static async open(url: string, secret: string, protocol?: string): Promise<Client> {
    const headers = { authorization: `Bearer ${secret}` };
    const client = new Client(url, { headers, ...(protocol ? { protocol } : {}) });
    await once(client.socket, "open");
    return client;
  }

  send(value: object): void {
    this.socket.send(this.socket.protocol.endsWith("msgpack") ? encode(value) : JSON.stringify(value));
  }

  /** The first thing told that fits; taken away, with nothing before it. */
  async next(fits: (told: Told) => boolean = () => true): Promise<Told> {
    for (;;) {
      const at = this.heard.findIndex(fits);
      if (at >= 0) return this.heard.splice(at, 1)[0];
      await this.#more();
    }
  }

  /** Resolves when so many things that fit were told; they stay. */
  async until(count: number, fits: (told: Told) => boolean): Promise<Told[]> {
    for (;;) {
      const found = this.heard.filter(fits);
      if (found.length >= count) return found;
      await this.#more();
    }
  }

  async ask(value: object): Promise<Told> {
    this.send(value);
    return this.next();
  }

  async closed(): Promise<{ code: number; reason: string }> {
    const [code, reason] = await once(this.socket, "close");
    return { code, reason: String(reason) };
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
