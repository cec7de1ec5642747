import { chatResponseStream, decodeEvent } from "@gatehouse/events";
import { BusUnavailableError, FencedError, type NatsBus, type Publish } from "@gatehouse/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AnswerStream, type AnswerStreamParts } from "./answer-stream.ts";
import { Gathering } from "./gathering.ts";
import { startBus } from "./start-bus.fixture.ts";

const START = { next_seq: 0, text: "", sources: null, last_seq: 0 };

let bus: NatsBus;
let stop: () => Promise<void>;
let made = 0;
beforeAll(async () => {
  ({ bus, stop } = await startBus());
});
afterAll(() => stop());

/** A stream of its own, and what it has. `wrap` stands between it and the broker. */
function setup(own: Partial<AnswerStreamParts> = {}, wrap: (publish: Publish) => Publish = (publish) => publish) {
  const request_id = `r-${made++}`;
  const publish = wrap(bus.publishEvent.bind(bus));
  const signal = AbortSignal.timeout(20_000);
  const parts: AnswerStreamParts = {
    bus,
    publish,
    gathering: new Gathering(),
    request_id,
    epoch: 1,
    signal,
    quiet: false,
    ...own,
  };
  const kept = async () => {
    const filter = `ai.chat.response.stream.${request_id}`;
    const last = await bus.lastMessage("AI_CHAT_STREAM", filter);
    const seen: { seq: number; type: string; content: string; msg_id: string | null }[] = [];
    for await (const message of bus.follow("AI_CHAT_STREAM", "all", { filter, signal })) {
      const { seq, type, content } = decodeEvent(chatResponseStream, message);
      seen.push({ seq, type, content, msg_id: message.msg_id });
      if (message.seq === last!.seq) break;
    }
    return seen;
  };
  return { request_id, parts, kept, stream: new AnswerStream(parts, { ...START }) };
}

test("text() sends the first piece alone, and what came meanwhile together", async () => {
  const { stream, kept } = setup();
  for (let n = 0; n < 100; n++) void stream.text(`${n} `);
  await stream.flush();
  const all = Array.from({ length: 100 }, (_, n) => `${n} `);
  expect((await kept()).map(({ content }) => content)).toEqual([all[0], all.slice(1).join("")]);
  expect(stream.told).toMatchObject({ text: all.join(""), next_seq: 2 });
});

test("part() stands behind all text, and the next text leaves at once again", async () => {
  const { stream, kept } = setup();
  void stream.text("One");
  void stream.text(" two");
  await stream.part({ type: "handover", mode: "continued" });
  await stream.text(" three");
  await stream.part({ type: "done", done: true });
  expect((await kept()).map(({ seq, type, content }) => [seq, type, content])).toEqual([
    [0, "chunk", "One"],
    [1, "chunk", " two"],
    [2, "handover", ""],
    [3, "chunk", " three"],
    [4, "done", ""],
  ]);
});

test("text() cuts what is too long for a chunk, never within a character", async () => {
  const { stream, kept } = setup();
  const text = `a${"🙂".repeat(40_000)}`;
  await stream.text(text);
  await stream.flush();
  const contents = (await kept()).map(({ content }) => content);
  expect(contents.join("")).toBe(text);
  expect(contents.every((content) => content.isWellFormed() && content.length <= 32_768)).toBe(true);
});

test("text() takes nothing more while 64 KiB wait for the broker", async () => {
  const broker = Promise.withResolvers<void>();
  const { stream } = setup({}, (publish) => async (...args) => {
    await broker.promise;
    return publish(...args);
  });
  void stream.text("first");
  const taken = stream.text("x".repeat(65_537)).then(() => "taken");
  const soon = new Promise((resolve) => setImmediate(() => setImmediate(resolve, "waits")));
  expect(await Promise.race([taken, soon])).toBe("waits");
  broker.resolve();
  expect(await taken).toBe("taken");
});

/** The nth publish is kept, and its acknowledgement lost in some way. */
const losing =
  (lost: number, error: Error) =>
  (publish: Publish): Publish => {
    let n = 0;
    return async (...args) => {
      const ack = await publish(...args);
      if (n++ === lost) throw error;
      return ack;
    };
  };

test.each([
  ["in time", new BusUnavailableError("the broker did not acknowledge in time")],
  ["until the broker forgot the id", new FencedError("wrong last sequence")],
])("a part whose acknowledgement was lost %s is kept once, and the stream goes on", async (_when, error) => {
  const { stream, kept, request_id } = setup({}, losing(1, error));
  await stream.text("One");
  await stream.part({ type: "handover", mode: "continued" });
  await stream.text(" two");
  await stream.flush();
  expect((await kept()).map(({ seq, msg_id }) => [seq, msg_id])).toEqual(
    [0, 1, 2].map((seq) => [seq, `${request_id}.1.${seq}`]),
  );
});

test("a writer that another was before writes nothing more, and says so to every call", async () => {
  const { stream, parts, kept } = setup();
  await stream.text("One");
  await stream.flush();
  const place = {
    ...START,
    ...stream.told,
    last_seq: (await bus.lastMessage("AI_CHAT_STREAM", `ai.chat.response.stream.${parts.request_id}`))!.seq,
  };
  const heir = new AnswerStream({ ...parts, epoch: 2 }, place);
  await heir.text(" heir");
  await heir.flush();
  await stream.text(" late");
  await expect(stream.flush()).rejects.toMatchObject({ code: "ANSWER_TAKEN" });
  await expect(stream.text("more")).rejects.toMatchObject({ code: "ANSWER_TAKEN" });
  await heir.part({ type: "done", done: true });
  expect((await kept()).map(({ content, msg_id }) => [content, msg_id!.split(".")[1]])).toEqual([
    ["One", "1"],
    [" heir", "2"],
    ["", "2"],
  ]);
});

test("a stream whose own parts have all left the broker by age goes on", async () => {
  const { stream, kept, parts } = setup();
  await stream.text("One");
  await stream.flush();
  const { seq } = (await bus.lastMessage("AI_CHAT_STREAM", `ai.chat.response.stream.${parts.request_id}`))!;
  await bus.removeMessage("AI_CHAT_STREAM", seq);
  await stream.text(" two");
  await stream.flush();
  expect((await kept()).map(({ seq, content }) => [seq, content])).toEqual([[1, " two"]]);
});

test("nothing is published once the signal has aborted", async () => {
  const { stream, kept, parts } = setup();
  await stream.text("One");
  await stream.flush();
  const lost = new AnswerStream(
    { ...parts, signal: AbortSignal.abort(new Error("lost")) },
    { ...START, next_seq: 1, last_seq: 1 },
  );
  await lost.text(" two");
  await expect(lost.flush()).rejects.toThrow("lost");
  expect(await kept()).toHaveLength(1);
});
