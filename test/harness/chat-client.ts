import WebSocket from "ws";

const AGAIN_MS = 100;
const SILENCE_MS = 5_000;
const MAY_PASS = ["UNAVAILABLE", "RATE_LIMITED"];
/** The client asked twice, as it came again meanwhile. */
const HARMLESS = "ID_IN_USE";

/** One message of an answer's stream, as a reader got it. */
export interface AnswerPart {
  /** Of the bus's stream. */
  stream_seq: number;
  /** Of the answer. */
  seq: number;
  type: "chunk" | "sources" | "handover" | "done" | "error";
  content: string;
  timestamp_ms: number;
  mode?: "continued" | "restarted";
  code?: string;
  retryable?: boolean;
}

/** An answer that a client follows. */
export interface FollowedAnswer {
  readonly request_id: string;
  readonly parts: AnswerPart[];
  /** Resolves with `done`, or with an error, after which nothing comes unless somebody asks again. */
  ended: Promise<AnswerPart>;
}

interface Following extends FollowedAnswer {
  end(last: AnswerPart): void;
  is_over: boolean;
}

interface Sending {
  subject: string;
  data: object;
  sent(): void;
}

interface FromGateway {
  op: string;
  id?: string | null;
  seq?: number;
  data?: Omit<AnswerPart, "stream_seq">;
  code?: string;
  message?: string;
}

export interface ChatClientOptions {
  /** WebSocket doors of gateways; the next one is tried whenever a connection breaks. */
  urls: readonly string[];
  key: string;
}

/** A person's chat: follows answers through whichever gateway there is, and goes on after the last sequence it has seen. */
export class ChatClient {
  readonly #options: ChatClientOptions;
  readonly #followed = new Map<string, Following>();
  readonly #sending = new Map<string, Sending>();
  readonly #loop: Promise<void>;
  #socket: WebSocket | null = null;
  #stopped = false;
  /** What no reader should ever be told. */
  readonly faults: string[] = [];
  /** How often each gateway let it in. */
  readonly connections: number[];

  constructor(options: ChatClientOptions) {
    this.#options = options;
    this.connections = options.urls.map(() => 0);
    this.#loop = this.#run();
  }

  /** Follows an answer from its beginning. */
  follow(request_id: string): FollowedAnswer {
    const { promise: ended, resolve: end } = Promise.withResolvers<AnswerPart>();
    const followed = { request_id, parts: [], ended, end, is_over: false };
    this.#followed.set(request_id, followed);
    this.#subscribe(followed);
    return followed;
  }

  /** More is to come of an answer that ended with an error. */
  expectMore(request_id: string): void {
    const { promise: ended, resolve: end } = Promise.withResolvers<AnswerPart>();
    Object.assign(this.#followed.get(request_id)!, { ended, end, is_over: false });
  }

  /** Publishes a question; resolves when the gateway says that the broker has it, for which it is sent as often as it takes. */
  ask(user_id: string, data: { request_id: string; message: string; session_id: string }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sending.set(data.request_id, { subject: `ai.chat.user.${user_id}.message`, data, sent: resolve });
    this.#publish(data.request_id);
    return promise;
  }

  /** What was heard of each answer. */
  heard(): ReadonlyMap<string, readonly AnswerPart[]> {
    return new Map([...this.#followed].map(([request_id, { parts }]) => [request_id, parts]));
  }

  /** Loses its connection and comes again. */
  drop(): void {
    this.#socket?.terminate();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.drop();
    await this.#loop;
  }

  async #run(): Promise<void> {
    for (let tries = 0; !this.#stopped; tries++) {
      await this.#connectOnce(tries % this.#options.urls.length);
      if (!this.#stopped) await sleep(AGAIN_MS);
    }
  }

  #connectOnce(at: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { urls, key } = this.#options;
    const headers = { authorization: `Bearer ${key}` };
    const socket = new WebSocket(urls[at]!, ["gatehouse.v1.json"], { headers, handshakeTimeout: 3_000 });
    this.#socket = socket;
    const endHeart = beat(socket);
    socket.on("open", () => {
      this.connections[at]!++;
      for (const followed of this.#followed.values()) if (!followed.is_over) this.#subscribe(followed);
      for (const request_id of this.#sending.keys()) this.#publish(request_id);
    });
    socket.on("message", (data) => this.#take(JSON.parse(String(data))));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      endHeart();
      resolve();
    });
    return promise;
  }

  #subscribe({ request_id, parts }: Following): void {
    const last = parts.at(-1);
    const from = last ? { seq: last.stream_seq + 1 } : "all";
    this.#send({ op: "subscribe", id: `f.${request_id}`, subject: `ai.chat.response.stream.${request_id}`, from });
  }

  #publish(request_id: string): void {
    const sending = this.#sending.get(request_id);
    if (!sending) return;
    const { subject, data } = sending;
    this.#send({ op: "publish", id: `p.${request_id}`, subject, data, msg_id: request_id });
  }

  #send(request: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #take(told: FromGateway): void {
    const [kind, request_id = ""] = told.id?.split(/\.(.*)/) ?? [];
    if (told.op === "published") {
      this.#sending.get(request_id)?.sent();
      this.#sending.delete(request_id);
    } else if (told.op === "message") this.#takePart(this.#followed.get(request_id)!, told);
    else if (told.op === "lagged") this.#subscribe(this.#followed.get(request_id)!);
    else if (told.op === "error" && MAY_PASS.includes(told.code!)) void this.#again(kind!, request_id);
    else if (told.op === "gap" || (told.op === "error" && told.code !== HARMLESS))
      this.faults.push(`${told.id}: ${JSON.stringify(told)}`);
  }

  #takePart(followed: Following, { seq: stream_seq = 0, data }: FromGateway): void {
    const part = { ...data!, stream_seq };
    followed.parts.push(part);
    if (part.type !== "done" && part.type !== "error") return;
    followed.is_over = true;
    followed.end(part);
  }

  async #again(kind: string, request_id: string): Promise<void> {
    await sleep(AGAIN_MS);
    if (kind === "p") this.#publish(request_id);
    else if (this.#followed.has(request_id)) this.#subscribe(this.#followed.get(request_id)!);
  }
}

/** A paused gateway answers nothing: a client with a heartbeat of its own gives up and comes again. */
function beat(socket: WebSocket): () => void {
  let is_alive = true;
  const silence = setInterval(() => {
    if (!is_alive) socket.terminate();
    is_alive = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, SILENCE_MS);
  socket.on("pong", () => {
    is_alive = true;
  });
  return () => clearInterval(silence);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
