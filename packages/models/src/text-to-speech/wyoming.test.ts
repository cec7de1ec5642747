import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import type { Samples } from "../audio/wav-samples.ts";
import { createTextToSpeech } from "../mod.ts";
import { startTestWyomingServer } from "../wyoming/test-wyoming-server.ts";

const signal = new AbortController().signal;
const text = "Somebody is at the gate";
const sound = { rate: 22_050, width: 2, channels: 1 };
const line = (socket: Socket, event: object) => socket.write(`${JSON.stringify(event)}\n`);
const start = (socket: Socket, data: object = sound) => line(socket, { type: "audio-start", data });
const chunk = (socket: Socket, payload: string) =>
  socket.write(`${JSON.stringify({ type: "audio-chunk", data: sound, payload_length: payload.length })}\n${payload}`);

/** Answers `describe`, and `answer` when it is asked to speak. */
const speaking = (answer: (socket: Socket) => unknown) => (socket: Socket, so_far: string) => {
  const info = { tts: [{ name: "piper", version: "1.6", voices: [{ name: "amy" }] }] };
  if (so_far.startsWith('{"type":"describe"')) line(socket, { type: "info", data: info });
  else answer(socket);
};

/** A client whose `said` is all that it hears. */
function speakerAt(url: string, own: { voice?: string; timeout_ms?: number; in_flight?: number } = {}) {
  const speaker = createTextToSpeech([{ kind: "wyoming", url, ...own }], { tries: 2, first_delay_ms: 1 });
  const said = async (options: { voice?: string; language?: string } = {}) => {
    const parts = speaker.speak(text, { signal, ...options });
    const heard: Samples[] = [];
    let next = await parts.next();
    for (; !next.done; next = await parts.next()) heard.push(next.value);
    return { heard: heard.map(({ bytes, format }) => [Buffer.from(bytes).toString(), format]), ...next.value };
  };
  return { speaker, said };
}

test.each([
  [{}, {}, {}],
  [{ voice: "amy" }, {}, { voice: { name: "amy" } }],
  [{ voice: "amy" }, { voice: "joe", language: "de" }, { voice: { name: "joe" } }],
  [{}, { language: "de" }, { voice: { language: "de" } }],
])("speak() with %j and %j says %j of the voice, and gives the samples as they come", async (own, options, asked) => {
  await using server = await startTestWyomingServer(
    speaking((socket) => {
      start(socket);
      chunk(socket, "abcd");
      line(socket, { type: "something-new" });
      chunk(socket, "ef");
      line(socket, { type: "audio-stop" });
    }),
  );
  const { speaker, said } = speakerAt(server.url, own);
  const { heard, model } = await said(options);
  await speaker.close();
  const data = JSON.stringify({ text, ...asked });
  expect(String(server.received[0])).toBe(`{"type":"synthesize","data_length":${data.length}}\n${data}`);
  const format = { sample_rate_hz: 22_050, channels: 1 };
  expect(heard).toEqual([
    ["abcd", format],
    ["ef", format],
  ]);
  expect(model).toEqual({ name: "amy", version: "1.6", backend: "piper" });
});

test("speak() takes a sound without a sample for no answer", async () => {
  await using server = await startTestWyomingServer(
    speaking((socket) => {
      start(socket);
      chunk(socket, "");
      line(socket, { type: "audio-stop" });
    }),
  );
  const { speaker, said } = speakerAt(server.url);
  await expect(said()).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    message: expect.stringContaining("the sound must have a sample: it has none"),
  });
  await speaker.close();
});

test("speak() closes its connection when the loop is left early, and frees its slot", async () => {
  await using server = await startTestWyomingServer(
    speaking((socket) => {
      start(socket);
      chunk(socket, "abcd");
    }),
  );
  const { speaker } = speakerAt(server.url, { in_flight: 1 });
  for (let times = 1; times <= 2; times++) {
    for await (const { bytes } of speaker.speak(text, { signal })) {
      expect(bytes).toHaveLength(4);
      break;
    }
    const socket = server.sockets[times - 1]!;
    if (!socket.destroyed) await once(socket, "close");
  }
  await speaker.close();
});

test.each<[string, (socket: Socket) => unknown, string]>([
  ["no JSON", (socket) => socket.write("hello\n"), 'the answer must be JSON: current value is "hello"'],
  ["an error", (socket) => line(socket, { type: "error", data: { text: "no voice" } }), 'it says "no voice"'],
  [
    "24 bits",
    (socket) => start(socket, { ...sound, width: 3 }),
    "a width of 2 bytes and 1..8 channels: it has 22050, 3, 1",
  ],
  ["no rate", (socket) => start(socket, { width: 2, channels: 1 }), "it has undefined, 2, 1"],
  ["a rate that nothing plays", (socket) => start(socket, { ...sound, rate: 1e9 }), "must have a rate of 1000..384000"],
  [
    "a rate of lists in lists",
    (socket) => socket.write(`{"type":"audio-start","data":{"rate":${"[".repeat(20_000)}${"]".repeat(20_000)}}}\n`),
    "it has object, undefined, undefined",
  ],
  ["an error without words", (socket) => line(socket, { type: "error", data: { text: { toString: 1 } } }), 'says ""'],
  [
    "half a sample",
    (socket) => {
      start(socket);
      chunk(socket, "abc");
    },
    "audio-chunk must hold whole frames: it has 3 bytes with frames of 2",
  ],
  [
    "half an answer",
    (socket) => {
      start(socket);
      chunk(socket, "ab");
      socket.end();
    },
    'the answer must be whole: it was cut off with "closed"',
  ],
])("speak() says what was wanted when the server gives %s", async (_, answer, message) => {
  await using server = await startTestWyomingServer(speaking(answer));
  const { speaker, said } = speakerAt(server.url);
  await expect(said()).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    message: expect.stringContaining(message),
    facts: { server: server.host },
  });
  await speaker.close();
  expect(server.sockets).toHaveLength(1);
});

test("speak() tries again when the server closes before it answers", async () => {
  await using server = await startTestWyomingServer((socket) => socket.end());
  const { speaker, said } = speakerAt(server.url);
  await expect(said()).rejects.toMatchObject({ code: "TEXT_TO_SPEECH_DOWN", dependency: "text_to_speech" });
  await speaker.close();
  expect(server.sockets).toHaveLength(2);
});

test.each<[string, (socket: Socket) => unknown]>([
  ["never answers", () => {}],
  ["falls silent", (socket) => start(socket)],
])("speak() gives up on a server that %s, and closes its connection", async (_, answer) => {
  await using server = await startTestWyomingServer(speaking(answer));
  const { speaker, said } = speakerAt(server.url, { timeout_ms: 50 });
  await expect(said()).rejects.toMatchObject({ code: "MODEL_TIMEOUT", retry: "later" });
  if (!server.sockets[0]!.destroyed) await once(server.sockets[0]!, "close");
  await speaker.close();
});

test("speak() goes past a Wyoming server that is down", async () => {
  await using server = await startTestWyomingServer(
    speaking((socket) => {
      start(socket);
      chunk(socket, "ab");
      line(socket, { type: "audio-stop" });
    }),
  );
  const urls = ["tcp://127.0.0.1:9", server.url];
  const speaker = createTextToSpeech(
    urls.map((url) => ({ kind: "wyoming" as const, url })),
    { tries: 1 },
  );
  for await (const { bytes } of speaker.speak(text, { signal })) expect(String(bytes)).toBe("ab");
  await speaker.close();
  expect(server.received[0]?.includes("synthesize")).toBe(true);
});
