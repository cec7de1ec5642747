import { Duplex } from "node:stream";
import { encode } from "@gatehouse/events";
import { expect, test, vi } from "vitest";
import { SharedMessage } from "../streams/shared-message.ts";
import { Outbox } from "./outbox.ts";
import { Subscription } from "./subscription.ts";

/** A socket whose other side reads when the test says so. */
class Wire extends Duplex {
  written = "";
  #waiting: (() => void)[] = [];
  reading = true;
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString("latin1");
    if (this.reading) done();
    else this.#waiting.push(done);
  }
  resumeReading(): void {
    this.reading = true;
    for (const done of this.#waiting.splice(0)) done();
  }
}

const message = (seq: number | null, bytes = 10) =>
  new SharedMessage({
    stream: "LOG",
    subject: "a.x",
    seq,
    time_ms: 1,
    msg_id: null,
    body: encode({ fill: "x".repeat(bytes) }),
  });

function setup(max_bytes = 1_000, batch?: { ms: number; max: number }) {
  const wire = new Wire();
  const outbox = new Outbox(wire, max_bytes);
  const lagged: (number | null)[] = [];
  const failed: unknown[] = [];
  const gaps: [number, number, number][] = [];
  const subscription = new Subscription({
    id: "s",
    pattern: "a.>",
    outbox,
    encoding: "json",
    batch,
    onGap: (from_seq, to_seq) => gaps.push([from_seq, to_seq, seqs().length]),
    onLagged: (next_seq) => lagged.push(next_seq),
    onFailed: (error) => failed.push(error),
  });
  const seqs = () => {
    outbox.flush();
    return [...wire.written.matchAll(/"seq":(\d+|null)/g)].map(([, seq]) => JSON.parse(seq!));
  };
  return { wire, outbox, subscription, lagged, failed, gaps, seqs };
}

test("deliver() hands on what is newer than the last, once", () => {
  const { subscription, seqs } = setup();
  subscription.skipTo(2);
  for (const seq of [1, 2, 3, 3, 5, 4, 6]) subscription.deliver(message(seq));
  expect(seqs()).toEqual([3, 5, 6]);
});

test("deliver() hands on everything that has no sequence", () => {
  const { subscription, seqs } = setup();
  subscription.deliver(message(null));
  subscription.deliver(message(null));
  expect(seqs()).toEqual([null, null]);
});

test("a reader that does not read is lagged at the first message that does not fit, and hears no more", () => {
  const { wire, subscription, lagged, seqs } = setup(1_000);
  wire.reading = false;
  for (let seq = 1; seq <= 20; seq++) subscription.deliver(message(seq, 200));
  expect(lagged).toHaveLength(1);
  expect(subscription.signal.aborted).toBe(true);
  wire.resumeReading();
  const heard = seqs();
  expect(heard.length).toBeGreaterThan(0);
  expect(heard).toEqual(Array.from({ length: lagged[0]! - 1 }, (_, i) => i + 1));
  subscription.deliver(message(99));
  expect(seqs()).toEqual(heard);
});

test("a message larger than the whole buffer goes through when nothing waits", () => {
  const { subscription, lagged, seqs } = setup(1_000);
  subscription.deliver(message(1, 5_000));
  expect([seqs(), lagged]).toEqual([[1], []]);
});

test("a burst is no reason to be lagged while the other side reads", () => {
  const { subscription, lagged, seqs } = setup(1_000);
  for (let seq = 1; seq <= 50; seq++) subscription.deliver(message(seq, 200));
  expect(lagged).toEqual([]);
  expect(seqs()).toHaveLength(50);
});

test("fail() tells why once, and nothing after the end", () => {
  const { subscription, failed } = setup();
  subscription.fail("gone");
  subscription.fail("again");
  expect(failed).toEqual(["gone"]);
});

test("room() waits until the other side has read", async () => {
  const { wire, subscription, lagged } = setup(200_000);
  wire.reading = false;
  subscription.deliver(message(1, 190_000));
  const room = subscription.room(2);
  wire.resumeReading();
  expect([await room, lagged]).toEqual([true, []]);
});

test("room() is over when the subscription is", async () => {
  const { wire, subscription, lagged } = setup(200_000);
  wire.reading = false;
  subscription.deliver(message(1, 190_000));
  const room = subscription.room(2);
  subscription.end();
  expect([await room, lagged]).toEqual([false, []]);
});

test("room() gives up on a reader that takes nothing for 10 s, which is lagged", async () => {
  const { wire, outbox, subscription, lagged } = setup(200_000);
  wire.reading = false;
  subscription.deliver(message(1, 190_000));
  const patience = new AbortController();
  const waiting = vi.spyOn(AbortSignal, "timeout").mockReturnValue(patience.signal);
  const room = subscription.room(2);
  expect(waiting).toHaveBeenCalledWith(10_000);
  waiting.mockRestore();
  patience.abort();
  expect([await room, lagged, outbox.bytes > 0]).toEqual([false, [2], true]);
});

test("a batch is told when it is full, or when its time is up", () => {
  vi.useFakeTimers();
  const { wire, outbox, subscription } = setup(10_000, { ms: 100, max: 3 });
  for (let seq = 1; seq <= 4; seq++) subscription.deliver(message(seq));
  outbox.flush();
  expect(wire.written.match(/"op":"batch"/g)).toHaveLength(1);
  vi.advanceTimersByTime(100);
  outbox.flush();
  expect(wire.written.match(/"op":"batch"/g)).toHaveLength(2);
  vi.useRealTimers();
});

test("a gap is told behind what was gathered before it, and not after the end", () => {
  const { subscription, gaps, seqs } = setup(10_000, { ms: 100, max: 30 });
  for (let seq = 1; seq <= 4; seq++) subscription.deliver(message(seq));
  subscription.gap(5, 7);
  subscription.deliver(message(8));
  expect([gaps, seqs()]).toEqual([[[5, 7, 4]], [1, 2, 3, 4]]);
  subscription.end();
  subscription.gap(9, 9);
  expect(gaps).toHaveLength(1);
});
