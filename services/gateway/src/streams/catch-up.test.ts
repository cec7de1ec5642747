import { encode, subjectMatches } from "@gatehouse/events";
import type { Bus, StoredMessage } from "@gatehouse/runtime";
import { expect, test } from "vitest";
import { catchUp, type PatientReader } from "./catch-up.ts";
import type { SharedMessage } from "./shared-message.ts";
import { Tail } from "./tail.ts";

/** A stream in memory whose every step the test takes itself: no broker can be made to interleave on command. */
class Log {
  readonly messages: StoredMessage[] = [];
  readonly tail = new Tail({ name: "LOG", epoch: 1, last_seq: 0 } as never);
  #wake: (() => void)[] = [];
  first_seq = 1;
  /** Called before each message of the past is handed out. */
  beforeEach: () => void = () => undefined;

  publish(subject = "a.x", bytes = 1): void {
    const seq = this.messages.length + 1;
    const body = encode({ blob: new Uint8Array(bytes) });
    const headers = {};
    this.messages.push({ stream: "LOG", subject, seq, time_ms: seq, msg_id: null, headers, body, pending: 1 });
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  get bus(): Bus {
    return {
      connected: true,
      stream: async () => ({ first_seq: this.first_seq, last_seq: this.messages.length }),
      lastMessage: async (_stream: string, filter: string) =>
        this.messages.findLast(({ seq, subject }) => seq >= this.first_seq && subjectMatches(filter, subject)) ?? null,
      follow: (_stream: string, from: { seq: number }, options: { filter?: string; signal: AbortSignal }) =>
        this.#follow(from.seq, options.filter ?? ">", options.signal),
    } as unknown as Bus;
  }

  async *#follow(from: number, filter: string, signal: AbortSignal): AsyncGenerator<StoredMessage> {
    signal.addEventListener("abort", () => this.#wakeAll(), { once: true });
    for (let seq = from; !signal.aborted; seq++) {
      while (seq > this.messages.length && !signal.aborted)
        await new Promise<void>((resolve) => this.#wake.push(resolve));
      if (signal.aborted) return;
      if (seq < this.first_seq || !subjectMatches(filter, this.messages[seq - 1]!.subject)) continue;
      this.beforeEach();
      yield this.messages[seq - 1]!;
    }
  }
}

class Heard implements PatientReader {
  readonly seqs: number[] = [];
  /** What was told as gone, and how many messages came before. */
  readonly gaps: { from_seq: number; to_seq: number; behind: number }[] = [];
  readonly pattern: string;
  patient = true;
  constructor(pattern: string) {
    this.pattern = pattern;
  }
  deliver({ seq }: SharedMessage): void {
    if (seq! > (this.seqs.at(-1) ?? 0)) this.seqs.push(seq!);
  }
  gap(from_seq: number, to_seq: number): void {
    this.gaps.push({ from_seq, to_seq, behind: this.seqs.length });
  }
  fail(error: unknown): void {
    throw error;
  }
  room = async (): Promise<boolean> => this.patient;
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

function setup(pattern = "a.>") {
  const log = new Log();
  const reader = new Heard(pattern);
  const ending = new AbortController();
  const running = () => void log.tail.run(log.bus, ending.signal);
  const start = (seq: number) =>
    catchUp({ bus: log.bus, tail: log.tail, reader, from: { seq }, signal: ending.signal });
  return { log, reader, ending, running, start };
}

test("catchUp() takes what the tail has at hand, and goes on with it", async () => {
  const { log, reader, running, start } = setup();
  running();
  for (let i = 0; i < 5; i++) log.publish();
  while (log.tail.position < 5) await Promise.resolve();
  await start(3);
  log.publish();
  while (log.tail.position < 6) await Promise.resolve();
  expect(reader.seqs).toEqual([3, 4, 5, 6]);
});

test("catchUp() misses nothing that comes while it reads the past", async () => {
  const { log, reader, running, start } = setup();
  for (let i = 0; i < 50; i++) log.publish();
  const late = new Tail({ name: "LOG", epoch: 1, last_seq: 50 } as never);
  Object.assign(log, { tail: late });
  running();
  log.beforeEach = () => {
    if (log.messages.length < 90) log.publish();
  };
  await start(1);
  log.publish();
  while (log.tail.position < log.messages.length) await Promise.resolve();
  expect(reader.seqs).toEqual(upTo(log.messages.length));
});

test("catchUp() ends when nothing of the past is wanted, though the stream goes on", async () => {
  const { log, reader, running, start } = setup("b.>");
  log.publish("b.x");
  for (let i = 0; i < 50; i++) log.publish();
  Object.assign(log, { tail: new Tail({ name: "LOG", epoch: 1, last_seq: 51 } as never) });
  running();
  await start(2);
  log.publish("b.x");
  while (log.tail.position < 52) await Promise.resolve();
  expect(reader.seqs).toEqual([52]);
});

test("catchUp() reads from the stream what the tail has forgotten", async () => {
  const { log, reader, running, start } = setup();
  running();
  for (let i = 0; i < 12; i++) log.publish("a.x", 1024 * 1024);
  while (log.tail.position < 12) await Promise.resolve();
  expect(log.tail.covers(0)).toBe(false);
  await start(1);
  expect(reader.seqs).toEqual(upTo(12));
});

test("catchUp() gives up on a reader that has no room", async () => {
  const { log, reader, running, start } = setup();
  running();
  log.publish();
  while (log.tail.position < 1) await Promise.resolve();
  reader.patient = false;
  await start(1);
  log.publish();
  while (log.tail.position < 2) await Promise.resolve();
  expect(reader.seqs).toEqual([]);
});

test("catchUp() tells what left the stream before it began, then what is left", async () => {
  const { log, reader, running, start } = setup();
  for (let i = 0; i < 10; i++) log.publish();
  Object.assign(log, { tail: new Tail({ name: "LOG", epoch: 1, last_seq: 10 } as never) });
  running();
  log.first_seq = 7;
  await start(3);
  expect(reader.gaps).toEqual([{ from_seq: 3, to_seq: 6, behind: 0 }]);
  expect(reader.seqs).toEqual([7, 8, 9, 10]);
});

test("catchUp() tells that all is gone when nothing is left", async () => {
  const { log, reader, running, start } = setup();
  for (let i = 0; i < 10; i++) log.publish();
  Object.assign(log, { tail: new Tail({ name: "LOG", epoch: 1, last_seq: 10 } as never) });
  running();
  log.first_seq = 11;
  await start(3);
  expect([reader.gaps, reader.seqs]).toEqual([[{ from_seq: 3, to_seq: 10, behind: 0 }], []]);
});

test("catchUp() tells what leaves the stream ahead of a reader that is slow", async () => {
  const { log, reader, running, start } = setup();
  for (let i = 0; i < 10; i++) log.publish();
  Object.assign(log, { tail: new Tail({ name: "LOG", epoch: 1, last_seq: 10 } as never) });
  running();
  reader.room = async () => {
    if (reader.seqs.length === 4) log.first_seq = 8;
    return true;
  };
  await start(1);
  expect(reader.seqs).toEqual([1, 2, 3, 4, 5, 8, 9, 10]);
  expect(reader.gaps).toEqual([{ from_seq: 6, to_seq: 7, behind: 5 }]);
});

test("catchUp() does not call a gap what a reader does not want, and looks rarely", async () => {
  const { log, reader, running, start } = setup("b.>");
  for (let i = 0; i < 600; i++) log.publish(i % 2 ? "b.x" : "a.x");
  Object.assign(log, { tail: new Tail({ name: "LOG", epoch: 1, last_seq: 600 } as never) });
  running();
  let looks = 0;
  const { bus } = log;
  const stream: Bus["stream"] = (name) => {
    looks++;
    return bus.stream(name);
  };
  Object.defineProperty(log, "bus", { value: { ...bus, stream } });
  await start(1);
  expect([reader.seqs.length, reader.gaps]).toEqual([300, []]);
  expect(looks).toBeLessThan(10);
});

test("Tail fails readers that come after its end", () => {
  const { log } = setup();
  log.tail.end(new Error("gone"));
  expect(() => log.tail.add(new Heard("a.>"))).toThrow("gone");
});
