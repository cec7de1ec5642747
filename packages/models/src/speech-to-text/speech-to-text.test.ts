import { describe, expect, test } from "vitest";
import { wavFile } from "../audio/wav-file.ts";
import { staysCalm } from "../calling/misbehaving.testing.ts";
import { type Answer, bodyOf, json, startTestServer } from "../calling/test-server.ts";
import { createSpeechToText, type SpeechToTextConfig } from "../mod.ts";

const signal = new AbortController().signal;
const format = { sample_rate_hz: 16_000, channels: 1 };
const pcm = Buffer.alloc(3_200, 7);
const wav = { bytes: wavFile([pcm], format), media_type: "audio/wav" };
type HttpConfig = Exclude<SpeechToTextConfig, { kind: "wyoming" }>;
type Own = HttpConfig extends infer C ? (C extends HttpConfig ? Omit<C, "url"> : never) : never;

/** A server that answers as told and keeps the forms that it was sent. */
async function startServer(body: unknown = { text: " It is open. " }) {
  const forms: Record<string, unknown>[] = [];
  const answer: Answer = async (request, response) => {
    const headers = { "content-type": request.headers["content-type"]! };
    const form = await new Response((await bodyOf(request)) as Uint8Array<ArrayBuffer>, { headers }).formData();
    const fields = [...form].map(async ([name, value]) => [
      name,
      typeof value === "string" ? value : await seen(value),
    ]);
    forms.push({ url: request.url, ...Object.fromEntries(await Promise.all(fields)) });
    json(response, body);
  };
  return { ...(await startTestServer(answer)), forms };
}

const seen = async (file: File) => ({ name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()) });
const file = (name: string, type: string, bytes: Uint8Array) => ({ name, type, bytes: Buffer.from(bytes) });

test.each<[Own, object]>([
  [
    { kind: "openai", model: "whisper-1" },
    { url: "/v1/audio/transcriptions", model: "whisper-1", response_format: "verbose_json", language: "de" },
  ],
  [
    { kind: "openai", model: "gpt-4o-transcribe", response_format: "json" },
    { url: "/v1/audio/transcriptions", model: "gpt-4o-transcribe", response_format: "json", language: "de" },
  ],
  [{ kind: "ray-serve" }, { url: "/whisper", language: "de" }],
])("transcribe() asks a server of %j in its own words", async (own, fields) => {
  await using server = await startServer();
  const listener = createSpeechToText([{ ...own, url: server.url } as SpeechToTextConfig]);
  const answer = await listener.transcribe(wav, { signal, language: "de" });
  await listener.close();
  const part = own.kind === "openai" ? "file" : "audio";
  expect(server.forms).toEqual([{ ...fields, [part]: file("speech.wav", "audio/wav", wav.bytes) }]);
  const name = own.kind === "openai" ? own.model : "unknown";
  expect(answer).toEqual({
    text: "It is open.",
    language: "de",
    model: { name, version: "unknown", backend: own.kind },
  });
});

test("transcribe() gives what was said when, in milliseconds, and the language that was heard", async () => {
  const segments = [
    { id: 0, start: 0, end: 1.2345, text: " It is", tokens: [1] },
    { id: 1, start: 1.5, end: 2, text: " open." },
  ];
  await using server = await startServer({ text: " It is open.", language: "english", duration: 2, segments });
  const listener = createSpeechToText([{ kind: "openai", model: "m", url: `${server.url}/v1` }]);
  const answer = await listener.transcribe(wav, { signal });
  await listener.close();
  expect(answer).toMatchObject({
    text: "It is open.",
    language: "english",
    segments: [
      { start_ms: 0, end_ms: 1235, text: "It is" },
      { start_ms: 1500, end_ms: 2000, text: "open." },
    ],
  });
});

test("transcribe() sends a recording of another kind as it is, named after it", async () => {
  await using server = await startServer();
  const listener = createSpeechToText([
    { kind: "wyoming", url: "tcp://127.0.0.1:9" },
    { kind: "ray-serve", url: server.url },
  ]);
  await listener.transcribe({ bytes: pcm, media_type: "audio/webm" }, { signal });
  await listener.close();
  expect(server.forms).toEqual([{ url: "/whisper", audio: file("speech.webm", "audio/webm", pcm) }]);
});

test("transcribe() refuses a kind of recording that no entry takes, without asking any", async () => {
  const listener = createSpeechToText([{ kind: "wyoming", url: "tcp://127.0.0.1:9" }]);
  await expect(listener.transcribe({ bytes: pcm, media_type: "audio/mpeg" }, { signal })).rejects.toMatchObject({
    code: "MODEL_REFUSED",
    message: 'Cannot write down speech as its media type must be "audio/wav": current value is "audio/mpeg"',
  });
  await listener.close();
});

test("transcribe() sends live speech as a WAV file when it is over", async () => {
  await using server = await startServer();
  const listener = createSpeechToText([{ kind: "ray-serve", url: server.url }]);
  async function* chunks() {
    yield pcm.subarray(0, 1_001);
    expect(server.requests).toHaveLength(0);
    yield pcm.subarray(1_001);
  }
  await listener.transcribe({ chunks: chunks(), ...format }, { signal });
  await listener.close();
  expect(server.forms).toEqual([{ url: "/whisper", audio: file("speech.wav", "audio/wav", wav.bytes) }]);
});

test("transcribe() lets the next entry hear live speech from its beginning", async () => {
  await using down = await startTestServer((_, response) => json(response, {}, { status: 502 }));
  await using server = await startServer();
  const entries = [down.url, server.url].map((url) => ({ kind: "ray-serve" as const, url }));
  const listener = createSpeechToText(entries);
  async function* chunks() {
    yield pcm;
  }
  await listener.transcribe({ chunks: chunks(), ...format }, { signal });
  await listener.close();
  expect(down.requests).toHaveLength(1);
  expect(server.forms).toMatchObject([{ audio: { bytes: Buffer.from(wav.bytes) } }]);
});

test("transcribe() lets go of live speech when its caller gives up", async () => {
  const listener = createSpeechToText([{ kind: "ray-serve", url: "http://127.0.0.1:9" }]);
  const caller = new AbortController();
  const asked_for_more = Promise.withResolvers<void>();
  let is_left = false;
  const chunks: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        asked_for_more.resolve();
        return new Promise(() => {});
      },
      async return() {
        is_left = true;
        return { done: true, value: undefined };
      },
    }),
  };
  const asked = listener.transcribe({ chunks, ...format }, { signal: caller.signal });
  await asked_for_more.promise;
  caller.abort(new Error("not wanted any more"));
  await expect(asked).rejects.toThrow("not wanted any more");
  expect(is_left).toBe(true);
  await listener.close();
});

test("transcribe() gives up on somebody who never ends", async () => {
  const listener = createSpeechToText([{ kind: "ray-serve", url: "http://127.0.0.1:9" }], { whole_answer_ms: 50 });
  const chunks = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  await expect(listener.transcribe({ chunks, ...format }, { signal })).rejects.toMatchObject({
    code: "MODEL_TIMEOUT",
    message: "Cannot write down speech as it must be over within 50 ms: it is not",
  });
  await listener.close();
});

test("transcribe() throws what live speech throws", async () => {
  const listener = createSpeechToText([{ kind: "ray-serve", url: "http://127.0.0.1:9" }]);
  // biome-ignore lint/correctness/useYield: it fails before it says anything
  async function* chunks(): AsyncGenerator<Uint8Array> {
    throw new Error("the microphone is gone");
  }
  await expect(listener.transcribe({ chunks: chunks(), ...format }, { signal })).rejects.toThrow(
    "the microphone is gone",
  );
  await listener.close();
});

test("transcribe() refuses live speech of more than 25 MiB while it is still being said", async () => {
  const listener = createSpeechToText([{ kind: "ray-serve", url: "http://127.0.0.1:9" }]);
  let said = 0;
  async function* chunks() {
    for (;;) {
      said++;
      yield new Uint8Array(1024 * 1024);
    }
  }
  await expect(listener.transcribe({ chunks: chunks(), ...format }, { signal })).rejects.toMatchObject({
    code: "MODEL_REFUSED",
    message: "Cannot write down speech as it must have at most 26214400 bytes: it goes on after that",
  });
  await listener.close();
  expect(said).toBe(26);
});

test.each<[Own, string]>([
  [{ kind: "openai", model: "m" }, "/v1/models"],
  [{ kind: "ray-serve" }, "/-/healthz"],
])("probe() of %j asks %s", async (own, path) => {
  let status = 200;
  await using server = await startTestServer((_, response) => json(response, {}, { status }));
  const listener = createSpeechToText([{ ...own, url: server.url } as SpeechToTextConfig]);
  await listener.probe(signal);
  status = 503;
  await expect(listener.probe(signal)).rejects.toMatchObject({ code: "SPEECH_TO_TEXT_DOWN" });
  expect(server.requests.map(({ url }) => url)).toEqual([path, path]);
  await listener.close();
});

const kinds: [HttpConfig, string][] = [
  [{ kind: "openai", url: "", model: "m" }, 'write down speech of model "m" at'],
  [{ kind: "ray-serve", url: "" }, "write down speech at"],
];
describe.each(kinds)("%j", (config, action) => {
  staysCalm({
    name: "transcribe()",
    async ask(url, { timeout_ms, calling }) {
      const listener = createSpeechToText([{ ...config, url, timeout_ms }], calling);
      return listener.transcribe(wav, { signal }).finally(() => listener.close());
    },
    prefix: "SPEECH_TO_TEXT",
    action,
    dependency: "speech_to_text",
    wrong: [
      ["no text", {}, "text is missing"],
      ["a number as text", { text: 7 }, "text must be text of at most 1000000 characters: current value is 7"],
      ["times before the beginning", { text: "", segments: [{ start: -1, end: 0, text: "" }] }, "segments[0].start"],
      ["an infinite time", '{"text":"","segments":[{"start":0,"end":1e999,"text":""}]}', "segments[0].end must be"],
    ],
  });
});
