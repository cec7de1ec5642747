import WebSocket from "ws";

const AGAIN_MS = 100;

/**
 * A person's client: follows the events through a gateway, and goes on from the last sequence at the next one whenever the
 * connection breaks.
 */
export class EventReader {
  readonly #urls: readonly string[];
  readonly #key: string;
  readonly #seqs: number[] = [];
  #socket: WebSocket | null = null;
  #stopped = false;
  #loop: Promise<void> | null = null;
  #tries = 0;
  /** How often each gateway let it in. */
  readonly connections: number[];

  constructor(urls: readonly string[], key: string) {
    this.#urls = urls;
    this.connections = urls.map(() => 0);
    this.#key = key;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#socket?.terminate();
    await this.#loop;
  }

  /** What it saw wrong, once it should have seen everything up to this sequence. */
  async faults(last_seq: number, within_ms = 30_000): Promise<string[]> {
    const deadline_ms = Date.now() + within_ms;
    while (Date.now() < deadline_ms && (this.#seqs.at(-1) ?? 0) < last_seq)
      await new Promise((resolve) => setTimeout(resolve, 100));
    const wrong = this.#seqs.findIndex((seq, i) => seq !== i + 1);
    if (wrong >= 0) return [`the WebSocket reader saw sequence ${this.#seqs[wrong]} as its message ${wrong + 1}`];
    return this.#seqs.length === last_seq
      ? []
      : [`the WebSocket reader saw ${this.#seqs.length} of ${last_seq} events`];
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#connectOnce();
      if (!this.#stopped) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  #connectOnce(): Promise<void> {
    return new Promise((resolve) => {
      const at = this.#tries++ % this.#urls.length;
      const socket = new WebSocket(this.#urls[at]!, ["gatehouse.v1.json"], {
        headers: { authorization: `Bearer ${this.#key}` },
        handshakeTimeout: 3_000,
      });
      this.#socket = socket;
      // A paused gateway answers nothing: a client with a heartbeat of its own gives up and comes again.
      let alive = true;
      const silence = setInterval(() => {
        if (!alive) socket.terminate();
        alive = false;
      }, 5_000);
      const end = (): void => {
        clearInterval(silence);
        resolve();
      };
      socket.on("open", () => {
        this.connections[at]!++;
        socket.send(
          JSON.stringify({
            op: "subscribe",
            id: "e",
            subject: "camera.*.event.>",
            from: { seq: (this.#seqs.at(-1) ?? 0) + 1 },
          }),
        );
        socket.ping();
      });
      socket.on("pong", () => {
        alive = true;
        setTimeout(() => socket.readyState === WebSocket.OPEN && socket.ping(), 1_000);
      });
      socket.on("message", (data) => this.#take(JSON.parse(String(data)), socket));
      socket.on("error", () => undefined);
      socket.on("close", end);
    });
  }

  #take(message: { op: string; seq?: number }, socket: WebSocket): void {
    if (message.op === "message") this.#seqs.push(message.seq!);
    if (message.op === "lagged" || message.op === "error") socket.close();
  }
}
