import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { wavFile } from "../audio/wav-file.ts";
import type { Samples } from "../audio/wav-samples.ts";
import { givesUp, knowsStatuses } from "../calling/misbehaving.testing.ts";
import { type Answer, bodyOf, json, startTestServer } from "../calling/test-server.ts";
import { createTextToSpeech, type TextToSpeech, type TextToSpeechConfig } from "../mod.ts";

const signal = new AbortController().signal;
const format = { sample_rate_hz: 24_000, channels: 1 };
const pcm = Buffer.from(Array.from({ length: 2_000 }, (_, at) => at % 256));
const wav = wavFile([pcm], format);
type HttpConfig = Exclude<TextToSpeechConfig, { kind: "wyoming" }>;
type Own = HttpConfig extends infer C ? (C extends HttpConfig ? Omit<C, "url"> : never) : never;

const speakerAt = (url: string, own: Own = { kind: "ray-serve" }) =>
  createTextToSpeech([{ ...own, url } as TextToSpeechConfig], { tries: 2, first_delay_ms: 1 });
const sound =
  (bytes: Uint8Array = wav, headers: object = {}): Answer =>
  (_, response) =>
    response.writeHead(200, { "content-type": "audio/wav", ...headers }).end(bytes);

/** All that is said. */
async function said(speaker: TextToSpeech, options: { voice?: string; language?: string } = {}) {
  const parts = speaker.speak("Somebody is at the gate", { signal, ...options });
  const heard: Samples[] = [];
  let next = await parts.next();
  for (; !next.done; next = await parts.next()) heard.push(next.value);
  return { heard, pcm: Buffer.concat(heard.map(({ bytes }) => bytes)), model: next.value.model };
}

test.each<[Own, object, object]>([
  [
    { kind: "openai", model: "tts-1", voice: "alloy" },
    { language: "de" },
    {
      url: "/v1/audio/speech",
      model: "tts-1",
      voice: "alloy",
      response_format: "wav",
      input: "Somebody is at the gate",
    },
  ],
  [
    { kind: "openai", model: "tts-1" },
    { voice: "nova" },
    {
      url: "/v1/audio/speech",
      model: "tts-1",
      voice: "nova",
      response_format: "wav",
      input: "Somebody is at the gate",
    },
  ],
  [
    { kind: "ray-serve", voice: "anna" },
    { language: "de" },
    { url: "/tts", text: "Somebody is at the gate", speaker: "anna", language: "de" },
  ],
  [{ kind: "ray-serve" }, {}, { url: "/tts", text: "Somebody is at the gate" }],
])("speak() asks a server of %j with %j in its own words", async (own, options, asked) => {
  const seen: unknown[] = [];
  await using server = await startTestServer(async (request, response) => {
    seen.push({ url: request.url, ...JSON.parse((await bodyOf(request)).toString()) });
    return sound()(request, response, 0);
  });
  const speaker = speakerAt(server.url, own);
  const { pcm: heard, model } = await said(speaker, options);
  await speaker.close();
  expect(seen).toEqual([asked]);
  expect(heard).toEqual(pcm);
  const name = own.kind === "openai" ? own.model : "unknown";
  expect(model).toEqual({ name, version: "unknown", backend: own.kind });
});

test("speak() gives what has come before the rest is there, and the format with it", async () => {
  const heard_first = Promise.withResolvers<void>();
  await using server = await startTestServer(async (_, response) => {
    response.writeHead(200, { "content-type": "audio/wav" }).write(wav.subarray(0, 1_044));
    await heard_first.promise;
    response.end(wav.subarray(1_044));
  });
  const speaker = speakerAt(server.url);
  const parts = speaker.speak("Somebody is at the gate", { signal });
  const first = await parts.next();
  expect(first).toEqual({ done: false, value: { bytes: pcm.subarray(0, 1_000), format } });
  heard_first.resolve();
  const rest = await parts.next();
  expect((rest.value as Samples).bytes).toEqual(pcm.subarray(1_000));
  expect((await parts.next()).done).toBe(true);
  await speaker.close();
});

test("speak() takes a sound without a sample for no answer: the next entry speaks, and the server's circuit opens", async () => {
  await using silent = await startTestServer(sound(wavFile([], format)));
  await using server = await startTestServer(sound());
  const [first, second] = [silent, server].map(({ url }) => ({ kind: "ray-serve", url }) as const);
  const list = createTextToSpeech([first!, second!]);
  expect((await said(list)).pcm).toEqual(pcm);
  await list.close();
  const alone = createTextToSpeech([first!], { breaker_failures: 1 });
  const failure = {
    code: "MODEL_ANSWER",
    message: expect.stringContaining("the sound must have a sample: it has none"),
  };
  await expect(said(alone)).rejects.toMatchObject(failure);
  await expect(said(alone)).rejects.toMatchObject({ facts: { circuit: "open" } });
  await alone.close();
});

test("speak() says who spoke when the server's headers do", async () => {
  const headers = { "x-model": "xtts", "x-version": "2", "x-backend": "own" };
  await using server = await startTestServer(sound(wav, headers));
  const speaker = speakerAt(server.url);
  expect((await said(speaker)).model).toEqual({ name: "xtts", version: "2", backend: "own" });
  await speaker.close();
});

test("speak() closes the socket when the loop is left early, and frees its slot", async () => {
  await using server = await startTestServer((_, response) => {
    response.writeHead(200, { "content-type": "audio/wav" }).write(wav.subarray(0, 1_044));
  });
  const speaker = createTextToSpeech([{ kind: "ray-serve", url: server.url, in_flight: 1 }]);
  for (let times = 1; times <= 2; times++) {
    for await (const { bytes } of speaker.speak("Somebody is at the gate", { signal })) {
      expect(bytes).toHaveLength(1_000);
      break;
    }
    const socket = server.sockets[times - 1]!;
    if (!socket.destroyed) await once(socket, "close");
  }
  await speaker.close();
});

test("speak() closes the socket when its caller gives up", async () => {
  await using server = await startTestServer(() => {});
  const speaker = speakerAt(server.url);
  const caller = new AbortController();
  const first = speaker.speak("Somebody is at the gate", { signal: caller.signal }).next();
  await server.received(1);
  const closed = once(server.sockets[0]!, "close");
  caller.abort(new Error("not wanted any more"));
  await expect(first).rejects.toThrow("not wanted any more");
  await closed;
  await speaker.close();
});

test("speak() goes on to the next entry before the first sound, and not after it", async () => {
  await using down = await startTestServer((_, response) => json(response, {}, { status: 502 }));
  await using broken = await startTestServer((_, response) =>
    response.writeHead(200, { "content-type": "audio/wav" }).write(wav.subarray(0, 1_044), () => response.destroy()),
  );
  await using well = await startTestServer(sound());
  const list = (...servers: { url: string }[]) =>
    createTextToSpeech(servers.map(({ url }) => ({ kind: "ray-serve" as const, url })));
  const speaker = list(down, well);
  expect((await said(speaker)).pcm).toEqual(pcm);
  await speaker.close();
  const cut = list(broken, well);
  await expect(said(cut)).rejects.toMatchObject({ code: "MODEL_ANSWER" });
  await cut.close();
  expect(well.requests).toHaveLength(1);
});

test.each<[string, Answer, string]>([
  ["an error under a 200", (_, response) => json(response, { error: "CUDA" }), 'it is "application/json" with "CUDA"'],
  ["nothing", sound(Buffer.alloc(0)), "the answer must be a WAV file: it ended within its header"],
  [
    "another kind of sound",
    sound(Buffer.from("ID3 and so on, an MP3")),
    "the answer must be a WAV file: it must begin",
  ],
  ["half a file", sound(wav.subarray(0, 1_044)), "the answer must be whole: 1000 of 2000 bytes are missing"],
  [
    "a file that is cut off",
    (_, response) =>
      response
        .writeHead(200, { "content-type": "audio/wav", "content-length": wav.length })
        .write(wav.subarray(0, 1_044), () => response.destroy()),
    "the answer must be whole: it was cut off",
  ],
])("speak() says what was wanted when the server gives %s", async (_, answer, message) => {
  await using server = await startTestServer(answer);
  const speaker = speakerAt(server.url);
  await expect(said(speaker)).rejects.toMatchObject({
    code: "MODEL_ANSWER",
    message: expect.stringContaining(message),
    facts: { server: server.host },
  });
  await speaker.close();
  expect(server.requests).toHaveLength(1);
});

test("speak() gives up on a server that falls silent", async () => {
  await using server = await startTestServer((_, response) => {
    response.writeHead(200, { "content-type": "audio/wav" }).write(wav.subarray(0, 1_044));
  });
  const speaker = createTextToSpeech([{ kind: "ray-serve", url: server.url, timeout_ms: 50 }]);
  await expect(said(speaker)).rejects.toMatchObject({ code: "MODEL_TIMEOUT", facts: { timeout_ms: 50 } });
  await speaker.close();
});

const kinds: [HttpConfig, string][] = [
  [{ kind: "openai", url: "", model: "m" }, 'speak a text of model "m" at'],
  [{ kind: "ray-serve", url: "" }, "speak a text at"],
];
describe.each(kinds)("%j", (config, action) => {
  const misused = {
    name: "speak()",
    async ask(url: string, { timeout_ms, calling }: { timeout_ms: number; calling: object }) {
      const speaker = createTextToSpeech([{ ...config, url, timeout_ms }], calling);
      return said(speaker).finally(() => speaker.close());
    },
    prefix: "TEXT_TO_SPEECH",
    action,
    dependency: "text_to_speech",
    wrong: [],
  };
  knowsStatuses(misused);
  givesUp(misused);
});
