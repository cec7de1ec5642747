import { wavFile } from "@gatehouse/models";
import { afterEach, expect, test } from "vitest";
import type { DoorFailures } from "../failures.ts";
import { type ReferenceModels, startReferenceModels } from "../service.ts";

const running: ReferenceModels[] = [];
const path = process.env.PATH;
afterEach(async () => {
  process.env.PATH = path;
  await Promise.all(running.splice(0).map((models) => models.stop()));
});

const format = { sample_rate_hz: 16_000, channels: 1 };
const speech = wavFile([new Uint8Array(3_200)], format);
const slow = wavFile([new Uint8Array(3_200)], { sample_rate_hz: 8_000, channels: 1 });

async function setup(transcribe: Partial<DoorFailures> = {}) {
  const models = await startReferenceModels({ failures: { transcribe } });
  running.push(models);
  return async (door: string, fields: Record<string, string | Uint8Array>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields))
      form.set(name, typeof value === "string" ? value : new Blob([value as Uint8Array<ArrayBuffer>]));
    const response = await fetch(`${models.url}${door}`, { method: "POST", body: form });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
}

const by = { model: "pocketsphinx", version: "en-us", backend: "reference" };
test.each([
  ["/v1/audio/transcriptions", { file: speech, model: "whisper-1" }, { text: "nobody listened", ...by }],
  [
    "/v1/audio/transcriptions",
    { file: speech, response_format: "verbose_json" },
    { task: "transcribe", language: "english", duration: 0, text: "nobody listened", ...by },
  ],
  ["/whisper", { audio: speech }, { text: "nobody listened", language: "en", ...by }],
])("POST %s gives the text in that server's shape, and says who heard it", async (door, fields, body) => {
  const post = await setup({ zero_cost: true });
  expect(await post(door, fields)).toEqual({ status: 200, body });
});

test.each([
  ["/whisper", {}, 400, 'Cannot hear speech as the form must have a part "file" or "audio"'],
  [
    "/whisper",
    { audio: Buffer.from("ID3 and so on") },
    415,
    "Cannot hear speech as it must be a WAV file of 16-bit PCM",
  ],
  ["/whisper", { audio: slow }, 400, "its sample rate must be 16000..48000 Hz: current value is 8000"],
  ["/v1/audio/transcriptions", { file: speech, response_format: "srt" }, 400, 'Cannot read "response_format"'],
])("POST %s refuses %j", async (door, fields, status, message) => {
  const post = await setup();
  const answer = await post(door, fields as Record<string, Uint8Array>);
  expect(answer.status).toBe(status);
  const { error } = answer.body as { error: string | { message: string } };
  expect(typeof error === "string" ? error : error.message).toContain(message);
});

test("POST /whisper says that there is no speech model when pocketsphinx is not installed", async () => {
  const post = await setup();
  process.env.PATH = "/nowhere";
  expect(await post("/whisper", { audio: speech })).toMatchObject({
    status: 503,
    body: { error: expect.stringContaining("there is no speech model; install pocketsphinx and pocketsphinx-en-us") },
  });
});
