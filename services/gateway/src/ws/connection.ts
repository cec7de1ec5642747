import type { Duplex } from "node:stream";
import { describeError, GatehouseError } from "@gatehouse/errors";
import { claimRequest } from "@gatehouse/store";
import type { WebSocket } from "ws";
import { identify } from "../auth/authenticate.ts";
import type { Identity } from "../auth/keyring.ts";
import type { Deps } from "../deps.ts";
import {
  BadMessageError,
  IdInUseError,
  RateLimitedError,
  StreamWasResetError,
  SubjectNotAllowedError,
  TooManySubscriptionsError,
} from "../errors.ts";
import { claimRun } from "../pipelines/claim-run.ts";
import type { RateLimit } from "../rate-limits.ts";
import { isRunStatus, mayFollow, ownerOf } from "../rights.ts";
import type { Encoding } from "../streams/shared-message.ts";
import type { Turns } from "../streams/turns.ts";
import { frameOf } from "./frame.ts";
import { assertCancellable, OpenQuestions } from "./open-questions.ts";
import { isReset, openSubscription } from "./open-subscription.ts";
import { Outbox } from "./outbox.ts";
import { publishInput } from "./publish-input.ts";
import { type ClientRequest, type Publish, readRequest, type Subscribe } from "./requests.ts";
import { Subscription } from "./subscription.ts";
import { toldError } from "./told-error.ts";

export interface ConnectionParts {
  socket: WebSocket;
  /** What the WebSocket runs on: frames that many share are written to it directly. */
  wire: Duplex;
  encoding: Encoding;
  address: string;
  /** Names the connection, in this process. */
  name: string;
  deps: Deps;
  turns: Turns;
  ops: RateLimit;
  /** Admits a key on this connection. @throws {RateLimitedError} when it has as many as it may */
  onIdentity(identity: Identity): void;
}

/** RFC 6455, 7.4.1: the server cannot go on. */
const OUR_FAULT = 1011;
const AUTH_WITHIN_MS = 5_000;
const PLAIN_BYTES = 1024 * 1024;
const UNKNOWN_BYTES = 4 * 1024;
const QUEUE_BYTES = 1024 * 1024;
const MOST_BAD = 20;

/** One WebSocket: what the client asks is done in its order, one after the other. */
export class Connection {
  readonly socket: WebSocket;
  readonly #parts: ConnectionParts;
  readonly #outbox: Outbox;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #questions: OpenQuestions;
  #identity: Identity | null = null;
  #authTimer: NodeJS.Timeout | null = null;
  #queue: Buffer[] = [];
  #queue_bytes = 0;
  #working = false;
  #bad = 0;
  #gone = false;
  /** It was closed through no fault of its client, who may go on at another gateway. */
  #let_down = false;
  /** When the client last showed that it is there. */
  alive_at_ms = performance.now();

  constructor(parts: ConnectionParts, identity: Identity | null) {
    this.#parts = parts;
    this.socket = parts.socket;
    this.#outbox = new Outbox(parts.wire, parts.deps.config.limits.ws_buffer_kb * 1024);
    this.#questions = new OpenQuestions(parts.deps);
    this.#identity = identity;
    if (!identity) this.#authTimer = setTimeout(() => this.close(1008, "no key within 5 s"), AUTH_WITHIN_MS).unref();
    this.socket.on("message", (data: Buffer) => this.#enqueue(data));
    this.socket.on("pong", () => {
      this.alive_at_ms = performance.now();
    });
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => this.#dispose());
  }

  get identity(): Identity | null {
    return this.#identity;
  }

  close(code: number, reason: string): void {
    this.#let_down ||= code === OUR_FAULT;
    this.#outbox.flush();
    this.#queue = [];
    this.socket.close(code, reason);
  }

  #dispose(): void {
    this.#gone = true;
    if (this.#authTimer) clearTimeout(this.#authTimer);
    this.#queue = [];
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
    if (!this.#let_down) this.#questions.cancel();
  }

  #enqueue(data: Buffer): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (!this.#identity && data.length > UNKNOWN_BYTES) return this.close(1009, "too large before the key");
    this.#queue.push(data);
    this.#queue_bytes += data.length;
    if (this.#queue_bytes > QUEUE_BYTES) this.socket.pause();
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let data = this.#queue.shift(); data; data = this.#queue.shift()) {
      await this.#answer(data);
      this.#queue_bytes -= data.length;
      if (this.socket.isPaused && this.#queue_bytes < QUEUE_BYTES / 2) this.socket.resume();
    }
    this.#working = false;
  }

  async #answer(data: Buffer): Promise<void> {
    const read = readRequest(data);
    if ("error" in read) return this.#refuseBad(read.id, read.error);
    const { request, json } = read;
    if (request.op !== "publish" && data.length > PLAIN_BYTES) return this.close(1009, "too large");
    const id = "id" in request ? request.id : null;
    try {
      if (request.op === "auth") return await this.#authenticate(request.key);
      if (!this.#identity) return this.close(1008, "the first message must be auth");
      const { allowed, retry_after_ms } = this.#parts.ops.take(this.#parts.name);
      if (!allowed) throw new RateLimitedError(`Cannot do more now: try again in ${retry_after_ms} ms`);
      await this.#do(request, json, this.#identity);
    } catch (error) {
      if (error instanceof BadMessageError) this.#refuseBad(id, error);
      else this.#tell(id, error);
    }
  }

  async #do(request: ClientRequest, json: boolean, who: Identity): Promise<void> {
    if (request.op === "subscribe") return this.#subscribe(request, who);
    if (request.op === "unsubscribe") return this.#forget(request.id);
    if (request.op === "publish") return this.#publish(request, json, who);
  }

  async #authenticate(key: string): Promise<void> {
    try {
      const identity = await identify(key, this.#parts.address, this.#parts.deps);
      if (!this.#identity) this.#parts.onIdentity(identity);
      else if (this.#identity.key_id !== identity.key_id) return this.close(1008, "another key than before");
      this.#identity = identity;
      if (this.#authTimer) clearTimeout(this.#authTimer);
      this.send({ op: "authenticated", role: identity.role, user_id: identity.user_id });
    } catch (error) {
      const { code, retry } = describeError(error);
      if (retry === "later" && code !== RateLimitedError.code) this.close(1011, "the key cannot be checked now");
      else this.close(1008, code === RateLimitedError.code ? "too many" : "the key is not known");
    }
  }

  async #subscribe(request: Subscribe, who: Identity): Promise<void> {
    const { id, subject, batch } = request;
    if (this.#subscriptions.has(id)) throw new IdInUseError(`Cannot subscribe as id "${id}" is in use`);
    const most = this.#parts.deps.config.limits.ws_subscriptions;
    if (this.#subscriptions.size >= most)
      throw new TooManySubscriptionsError(`Cannot subscribe as a connection must have at most ${most} subscriptions`);
    await this.#assertMayFollow(subject, who);
    if (this.#gone) return;
    const end = (): void => {
      this.#subscriptions.delete(id);
    };
    const subscription = new Subscription({
      id,
      pattern: subject,
      outbox: this.#outbox,
      encoding: this.#parts.encoding,
      batch,
      onGap: (from_seq, to_seq) => this.send({ op: "gap", id, from_seq, to_seq }),
      onLagged: (next_seq) => {
        end();
        this.send({ op: "lagged", id, next_seq });
      },
      onFailed: (error) => {
        end();
        this.#tell(id, isReset(error) ? new StreamWasResetError(describeError(error).message) : error);
      },
    });
    this.#subscriptions.set(id, subscription);
    const { deps, turns } = this.#parts;
    try {
      await openSubscription({ request, subscription, deps, turns, send: (value) => this.send(value) });
    } catch (error) {
      subscription.end();
      end();
      throw error;
    }
  }

  async #assertMayFollow(subject: string, who: Identity): Promise<void> {
    const right = mayFollow(who, subject);
    if (right.allowed && (right.claim === undefined || (await this.#claim(right.claim, subject, who)))) return;
    throw new SubjectNotAllowedError(`Cannot follow "${subject}" as this key may not`);
  }

  #claim(request_id: string, subject: string, who: Identity): Promise<boolean> {
    const { db } = this.#parts.deps;
    return isRunStatus(subject) ? claimRun(db, request_id, who) : claimRequest(db, request_id, ownerOf(who));
  }

  #forget(id: string): void {
    this.#subscriptions.get(id)?.end();
    this.#subscriptions.delete(id);
  }

  async #publish(request: Publish, json: boolean, who: Identity): Promise<void> {
    assertCancellable(request);
    try {
      const { stream, seq, duplicate } = await publishInput(request, json, who, this.#parts.deps);
      this.#noteQuestion(request);
      this.send({ op: "published", id: request.id, stream, seq, duplicate });
    } catch (error) {
      if (error instanceof GatehouseError && error.dependency === "broker") this.#noteQuestion(request); // it may be kept
      throw error;
    }
  }

  #noteQuestion(request: Publish): void {
    if (request.cancel_on_close) this.#questions.add(request);
    if (this.#gone && !this.#let_down) this.#questions.cancel();
  }

  #refuseBad(id: string | null, error: Error): void {
    this.#tell(id, error);
    if (!this.#identity) this.close(1008, "the first message must be auth");
    else if (++this.#bad >= MOST_BAD) this.close(1008, "too many bad messages");
  }

  #tell(id: string | null, error: unknown): void {
    if (describeError(error).retry === "unknown")
      this.#parts.deps.log.error({ reason: describeError(error).message }, "websocket request failed");
    this.send({ op: "error", id, ...toldError(error) });
  }

  send(value: object): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.#outbox.answer(frameOf(this.#parts.encoding, value))) return;
    this.close(1008, "too slow");
    this.socket.terminate();
  }
}
