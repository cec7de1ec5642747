import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { wavFile } from "../audio/wav-file.ts";
import type { Calling } from "../calling/calling.ts";
import { createSpeechToText } from "../mod.ts";
import { startTestWyomingServer } from "../wyoming/test-wyoming-server.ts";

const signal = new AbortController().signal;
const format = { sample_rate_hz: 16_000, channels: 1 };
const pcm = Buffer.alloc(4_800, 7);
const wav = { bytes: wavFile([pcm], format), media_type: "audio/wav" };
/** The end of what a client sends. */
const OVER = '{"type":"audio-stop","data_length":2}\n{}';
const INFO = {
  asr: [{ name: "faster-whisper", version: "3", models: [{ name: "small-int8", version: "1.2" }, { name: "other" }] }],
};

const listenerAt = (
  url: string,
  { timeout_ms = 10_000, ...calling }: Partial<Calling> & { timeout_ms?: number } = {},
) => createSpeechToText([{ kind: "wyoming", url, timeout_ms }], { tries: 2, first_delay_ms: 1, ...calling });
const line = (socket: Socket, event: object) => socket.write(`${JSON.stringify(event)}\n`);

/** Answers `describe`, and `answer` once the speech is over. */
const hearing = (answer: (socket: Socket) => void) => (socket: Socket, so_far: string) => {
  if (so_far.startsWith('{"type":"describe"')) line(socket, { type: "info", data: INFO });
  else if (so_far.endsWith(OVER)) answer(socket);
};
const transcript = (text: unknown) => (socket: Socket) => line(socket, { type: "transcript", data: { text } });

test("transcribe() speaks Wyoming: who listens, the format, a tenth of a second at a time, the end", async () => {
  await using server = await startTestWyomingServer(hearing(transcript(" It is open. ")));
  const listener = listenerAt(server.url);
  const answer = await listener.transcribe(wav, { signal, language: "de" });
  await listener.close();
  const sound = '{"rate":16000,"width":2,"channels":1}';
  const samples = (length: number) => "\x07".repeat(length);
  expect(server.received[0]!.toString("latin1")).toBe(
    [
      '{"type":"transcribe","data_length":17}\n{"language":"de"}',
      `{"type":"audio-start","data_length":37}\n${sound}`,
      `{"type":"audio-chunk","data_length":37,"payload_length":3200}\n${sound}${samples(3_200)}`,
      `{"type":"audio-chunk","data_length":37,"payload_length":1600}\n${sound}${samples(1_600)}`,
      OVER,
    ].join(""),
  );
  expect(answer).toEqual({
    text: "It is open.",
    language: "de",
    model: { name: "small-int8", version: "1.2", backend: "faster-whisper" },
  });
});

test("transcribe() reads data in the line and behind it, passes over other events, and asks once who listens", async () => {
  const answer = (socket: Socket) => {
    line(socket, { type: "transcript-start", data: { language: "en" } });
    const data = '{"text":"on","language":"fr"}';
    const all = `{"type":"transcript","data":{"text":"off","language":null},"data_length":${data.length}}\n${data}`;
    for (const byte of Buffer.from(all)) socket.write(Uint8Array.of(byte));
  };
  await using server = await startTestWyomingServer(hearing(answer));
  const listener = listenerAt(server.url);
  expect(await listener.transcribe(wav, { signal })).toMatchObject({ text: "on", language: "fr" });
  await listener.transcribe(wav, { signal });
  await listener.close();
  expect(server.received.filter((bytes) => bytes.includes("describe"))).toHaveLength(1);
});

test("transcribe() sends live speech while it is being said", async () => {
  await using server = await startTestWyomingServer(hearing(transcript("on")));
  const listener = listenerAt(server.url);
  async function* chunks() {
    yield Buffer.from("first word.");
    await server.heard("first word");
    yield Buffer.from("and a last");
  }
  expect(await listener.transcribe({ chunks: chunks(), ...format }, { signal })).toMatchObject({ text: "on" });
  await listener.close();
  const frames = [...server.received[0]!.toString("latin1").matchAll(/"payload_length":(\d+)/g)].map(
    ([, size]) => size,
  );
  expect(frames).toEqual(["10", "10"]);
});

test("transcribe() is content with a transcript that comes before the speech is over", async () => {
  await using server = await startTestWyomingServer((socket, so_far) => {
    if (so_far.includes("enough")) transcript("on")(socket);
    if (so_far.startsWith('{"type":"describe"')) line(socket, { type: "info", data: {} });
  });
  const listener = listenerAt(server.url);
  async function* chunks() {
    yield Buffer.from("that is enough");
    await new Promise(() => {});
  }
  const answer = await listener.transcribe({ chunks: chunks(), ...format }, { signal });
  await listener.close();
  expect(answer).toEqual({
    text: "on",
    language: null,
    model: { name: "unknown", version: "unknown", backend: "wyoming" },
  });
});

test("transcribe() lets live speech be heard from its beginning by a server that comes back", async () => {
  let connections = 0;
  await using server = await startTestWyomingServer((socket, so_far) => {
    if (so_far.includes("first") && connections++ === 0) socket.destroy();
    else hearing(transcript("on"))(socket, so_far);
  });
  const listener = listenerAt(server.url);
  const gone = Promise.withResolvers<void>();
  async function* chunks() {
    yield Buffer.from("first.");
    await once(server.sockets[0]!, "close");
    gone.resolve();
    yield Buffer.from("second");
  }
  expect((await listener.transcribe({ chunks: chunks(), ...format }, { signal })).text).toBe("on");
  await gone.promise;
  await listener.close();
  expect(server.received[1]!.toString("latin1")).toMatch(/first\..*second/s);
});

const begun = (bytes: string) => (socket: Socket) => void socket.write(bytes);
test.each<[string, (socket: Socket) => void, string]>([
  ["no JSON", begun("HTTP/1.1 400 Bad Request\r\n\r\n"), 'the answer must be JSON: current value is "HTTP/1.1 400'],
  ["no event", begun("[1]\n"), "the answer must be"],
  ["no type", begun('{"data":{}}\n'), "type is missing"],
  ["a negative length", begun('{"type":"transcript","data_length":-1}\n'), "data_length must be a whole number"],
  ["an endless payload", begun('{"type":"x","payload_length":1e15}\n'), "the answer must be at most 100000 bytes"],
  ["an endless line", begun("x".repeat(70_000)), "a line must have at most 65536 bytes"],
  ["too much", begun('{"type":"x","payload_length":9}\n123456789'.repeat(3_000)), "at most 100000 bytes"],
  ["data that is no map", begun('{"type":"transcript","data_length":3}\n[1]'), "must be"],
  ["no text", transcript(7), "transcript.text must be text: it is number"],
  [
    "an error",
    (socket) => line(socket, { type: "error", data: { text: "out of\nmemory", code: "oom" } }),
    'it must answer: it says "out of memory"',
  ],
  [
    "half an event",
    (socket) => socket.end('{"type":"transcript","data_length":30}\n{"text":'),
    "the answer must be whole: it was cut off within an event",
  ],
])("transcribe() says what was wanted when the server gives %s", async (_, answer, message) => {
  await using server = await startTestWyomingServer(hearing(answer));
  const listener = listenerAt(server.url, { answer_bytes: 100_000 });
  const failure = await listener.transcribe(wav, { signal }).catch((error: Error) => error);
  await listener.close();
  expect(failure).toMatchObject({ code: "MODEL_ANSWER", retry: "unknown", facts: { server: server.host } });
  expect((failure as Error).message).toContain(`Cannot write down speech at "${server.host}" as`);
  expect((failure as Error).message).toContain(message);
  expect(server.sockets).toHaveLength(1);
});

test.each<[string, (socket: Socket) => void]>([
  ["takes connections and closes them", (socket) => socket.end()],
  ["breaks connections", (socket) => socket.resetAndDestroy()],
])("transcribe() tries again when a server %s", async (_, answer) => {
  await using server = await startTestWyomingServer(answer);
  const listener = listenerAt(server.url);
  await expect(listener.transcribe(wav, { signal })).rejects.toMatchObject({
    code: "SPEECH_TO_TEXT_DOWN",
    dependency: "speech_to_text",
  });
  await listener.close();
  expect(server.sockets).toHaveLength(2);
});

test("transcribe() gives up on a server that never answers, and on one that sends a byte now and then", async () => {
  for (const answer of [() => {}, dripping]) {
    await using server = await startTestWyomingServer(hearing(answer));
    const listener = listenerAt(server.url, { timeout_ms: 80 });
    const failure = await listener.transcribe(wav, { signal }).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "MODEL_TIMEOUT", retry: "later", dependency: null });
    const [socket] = server.sockets;
    if (!socket!.destroyed) await once(socket!, "close");
    await listener.close();
  }
});

test("transcribe() gives up on somebody who never ends, and closes its connection", async () => {
  await using server = await startTestWyomingServer(() => {});
  const listener = listenerAt(server.url, { whole_answer_ms: 100 });
  const chunks = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  await expect(listener.transcribe({ chunks, ...format }, { signal })).rejects.toMatchObject({ code: "MODEL_TIMEOUT" });
  if (!server.sockets[0]!.destroyed) await once(server.sockets[0]!, "close");
  await listener.close();
});

function dripping(socket: Socket): void {
  const drip = setInterval(() => socket.write(" "), 10);
  socket.once("close", () => clearInterval(drip));
}

test("transcribe() closes its connection when its caller gives up", async () => {
  await using server = await startTestWyomingServer(() => {});
  const listener = listenerAt(server.url);
  const caller = new AbortController();
  const asked = listener.transcribe(wav, { signal: caller.signal });
  await server.heard(OVER);
  const closed = once(server.sockets[0]!, "close");
  caller.abort(new Error("not wanted any more"));
  await expect(asked).rejects.toThrow("not wanted any more");
  await closed;
  await listener.close();
});

test("transcribe() refuses a recording that is no WAV file of 16-bit PCM, before it connects", async () => {
  await using server = await startTestWyomingServer(() => {});
  const listener = listenerAt(server.url);
  for (const [bytes, message] of [
    [Buffer.from("not a WAV file at all"), 'it must begin with "RIFF" and "WAVE"'],
    [wav.bytes.subarray(0, 30), "it ends within its header"],
  ] as const)
    await expect(listener.transcribe({ ...wav, bytes }, { signal })).rejects.toMatchObject({
      code: "MODEL_REFUSED",
      message: `Cannot write down speech at "${server.host}" as the speech must be a WAV file of 16-bit PCM: ${message}`,
    });
  await listener.close();
  expect(server.sockets).toEqual([]);
});

test("probe() describes: content with info, not with silence or nobody", async () => {
  await using server = await startTestWyomingServer(hearing(() => {}));
  const listener = listenerAt(server.url);
  await listener.probe(signal);
  expect(server.received.map(String)).toEqual(['{"type":"describe","data_length":2}\n{}']);
  await listener.close();
  await using silent = await startTestWyomingServer(() => {});
  for (const url of [silent.url, "tcp://127.0.0.1:9"]) {
    const waiting = listenerAt(url, { probe_timeout_ms: 50 });
    await expect(waiting.probe(signal)).rejects.toMatchObject({ code: "SPEECH_TO_TEXT_DOWN" });
    await waiting.close();
  }
});

test.each(["http://127.0.0.1:1", "tcp://127.0.0.1", "tcp://user@127.0.0.1:1", "tcp://127.0.0.1:1/path", "127.0.0.1:1"])(
  "createSpeechToText() refuses %s as the url of a Wyoming server",
  (url) => {
    expect(() => listenerAt(url)).toThrow("Cannot use the Wyoming server's url as it must be tcp://host:port");
  },
);
