import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, json } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { Access } from "./access.ts";
import { Inbox } from "./inbox.ts";

interface Stored {
  subject: string;
  seq: number;
  data: object;
}
export interface Sent {
  op: string;
  id: string;
  subject: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  data?: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  from?: any;
  msg_id?: string;
}
/** Answers `METHOD /path`: a status and a body. */
type Route = (request: IncomingMessage, body: unknown) => [status: number, body: object];

const EPOCH = 7;

/** A door that speaks the gateway's protocol over one stream in memory, and does as the test says. */
export class TestGateway {
  readonly access: Access;
  /** What clients asked on their WebSockets, in order. */
  readonly sent = new Inbox<Sent>();
  readonly routes: Record<string, Route> = {
    "GET /api/session": () => [200, { role: "operator", user_id: "ada" }],
  };
  /** What is said instead of doing what is asked. */
  refuse: (sent: Sent) => { code: string; message: string } | null = () => null;
  /** Takes what is asked and says nothing. */
  deaf = false;
  /** Connections that were not let in. */
  readonly turnedAway = new Inbox<null>();
  /** Lets no WebSocket in. */
  away = false;
  readonly #servers: { http: Server; sockets: WebSocketServer };
  readonly #stream: Stored[] = [];
  readonly #open = new Map<WebSocket, Map<string, string>>();

  constructor(http: Server) {
    const sockets = new WebSocketServer({
      server: http,
      path: "/ws",
      verifyClient: (_info, decide) => {
        if (this.away) this.turnedAway.push(null);
        decide(!this.away, 503);
      },
    });
    this.#servers = { http, sockets };
    this.access = { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, key: "gh_test" };
    http.on("request", (request, response) => void this.#answer(request, response));
    sockets.on("connection", (socket) => this.#welcome(socket));
  }

  /** Begins one that ends with the test. */
  static async start(): Promise<TestGateway> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const gateway = new TestGateway(server);
    onTestFinished(() => gateway.stop());
    return gateway;
  }

  /** Breaks every connection and takes no more. */
  async stop(): Promise<void> {
    const { http, sockets } = this.#servers;
    if (!http.listening) return;
    sockets.close();
    http.close();
    this.drop();
    http.closeAllConnections();
    await once(http, "close");
  }

  /** Puts a message into the stream, and tells those that follow its subject. */
  publish(subject: string, data: object): void {
    const stored = { subject, data, seq: this.#stream.length + 1 };
    this.#stream.push(stored);
    for (const [socket, wanted] of this.#open)
      for (const [id, followed] of wanted) if (followed === subject) tell(socket, id, stored);
  }

  /** Writes a part of an answer. */
  answer(request_id: string, seq: number, part: object): void {
    const data = { request_id, seq, content: "", done: false, timestamp_ms: 1, ...part };
    this.publish(`ai.chat.response.stream.${request_id}`, data);
  }

  /** Breaks every connection. */
  drop(): void {
    for (const socket of this.#open.keys()) socket.terminate();
    this.#open.clear();
  }

  #welcome(socket: WebSocket): void {
    this.#open.set(socket, new Map());
    socket.on("message", (bytes: Buffer) => this.#take(socket, JSON.parse(bytes.toString()) as Sent));
  }

  #take(socket: WebSocket, sent: Sent): void {
    const { op, id, subject, data, from } = sent;
    const wanted = this.#open.get(socket);
    const refusal = this.refuse(sent);
    if (this.deaf) return this.sent.push(sent);
    if (refusal) socket.send(JSON.stringify({ op: "error", id, ...refusal }));
    else if (op === "unsubscribe") wanted?.delete(id);
    else if (op === "publish") {
      if (!subject.startsWith("ai.chat.user.")) throw new Error(`Nobody may publish on ${subject}`);
      this.publish(subject, data);
      socket.send(JSON.stringify({ op: "published", id, stream: "S", seq: this.#stream.length, duplicate: false }));
    } else if (op === "subscribe") {
      const seq = this.#stream.length;
      socket.send(JSON.stringify({ op: "subscribed", id, stream: "S", epoch: EPOCH, first_seq: 1, seq }));
      const begin = from === "new" ? seq + 1 : from === "all" ? 1 : from.seq;
      for (const stored of this.#stream.slice(begin - 1)) if (stored.subject === subject) tell(socket, id, stored);
      wanted?.set(id, subject);
    }
    this.sent.push(sent);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url!, this.access.url).pathname;
    const route = this.routes[`${request.method} ${path}`];
    const body = request.headers["content-type"] === "application/json" ? await json(request) : await buffer(request);
    const missing = { error: { code: "NOT_FOUND", message: `Cannot find ${path}`, retryable: false } };
    const [status, answer] = route ? route(request, body) : [404, missing];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }
}

function tell(socket: WebSocket, id: string, { subject, seq, data }: Stored): void {
  socket.send(JSON.stringify({ op: "message", id, subject, stream: "S", seq, msg_id: null, time_ms: 1, data }));
}
