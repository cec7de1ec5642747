import { spawnSync } from "node:child_process";
import { createSpeechToText, type RecordedSpeech, type SpeechToText, wavFile } from "@gatehouse/models";
import type { ReferenceModels } from "@gatehouse/reference-models";
import { describe, expect, test } from "vitest";
import { isInstalled } from "../../harness/is-installed.ts";
import { keepsThePromises, type Open, type Promised, staysTyped } from "./client.conformance.ts";
import { configured } from "./configured.ts";
import { withServer } from "./with-server.ts";
import { staysTypedOverWyoming } from "./wyoming.conformance.ts";

const signal = new AbortController().signal;
const format = { sample_rate_hz: 16_000, channels: 1 };
const second = new Uint8Array(32_000);
const speech: RecordedSpeech = { bytes: wavFile([second], format), media_type: "audio/wav" };

const SERVERS: [string, (server: ReferenceModels) => object][] = [
  ["openai", ({ url }) => ({ kind: "openai", url, model: "whisper-1" })],
  ["ray-serve", ({ url }) => ({ kind: "ray-serve", url })],
  ["wyoming", ({ wyoming_url }) => ({ kind: "wyoming", url: wyoming_url })],
];

/** A sentence as espeak-ng says it, 22,050 Hz. */
const spoken = () => spawnSync("espeak-ng", ["--stdout", "-v", "en-us", "what is the weather today"]).stdout;
const canHear = isInstalled("pocketsphinx_continuous") && isInstalled("espeak-ng");

/** What every listener promises. */
function isListener(name: string, open: Open<SpeechToText>): void {
  test(`transcribe() of ${name} writes down a recording and live speech alike, and says who heard it`, async () => {
    const { client, stop } = await open();
    const recorded = await client.transcribe(speech, { signal });
    async function* live() {
      yield second.subarray(0, 3_201);
      yield second.subarray(3_201);
    }
    const heard = await client.transcribe({ chunks: live(), ...format }, { signal });
    await stop();
    expect(recorded).toMatchObject({ text: "nobody listened", language: expect.stringMatching(/^en/) });
    expect(recorded.model).toEqual({ name: "pocketsphinx", version: "en-us", backend: "reference" });
    expect(heard).toEqual(recorded);
  });

  test(`transcribe() of ${name} refuses what is no sound, for good, and goes on`, async () => {
    const { client, stop } = await open();
    for (const [bytes, media_type] of [
      [Buffer.from("no sound at all, and no header either"), "audio/wav"],
      [second, "text/plain"],
      [new Uint8Array(), "audio/wav"],
    ] as const)
      await expect(client.transcribe({ bytes, media_type }, { signal })).rejects.toMatchObject({
        code: "MODEL_REFUSED",
        retry: "never",
      });
    await client.transcribe(speech, { signal });
    await stop();
  });
}

const listening = (name: string, open: Open<SpeechToText>): Promised<SpeechToText> => ({
  name: `transcribe() of ${name}`,
  open,
  ask: (listener, asking) => listener.transcribe(speech, { signal: asking }),
  prefix: "SPEECH_TO_TEXT",
  dependency: "speech_to_text",
});

describe.each(SERVERS)("%s", (name, entry) => {
  const openServer = withServer("transcribe", (server, timeout_ms) =>
    createSpeechToText(configured("speech_to_text", [{ ...entry(server), timeout_ms }]), { first_delay_ms: 1 }),
  );
  const open: Open<SpeechToText> = async (options) => {
    const opened = await openServer(options);
    opened.switches!.zero_cost = true;
    return opened;
  };
  isListener(name, open);
  keepsThePromises(listening(name, open));
  if (name === "wyoming") staysTypedOverWyoming(listening(name, open));
  else staysTyped(listening(name, open));

  test.skipIf(!canHear)(
    `transcribe() of ${name} hears words of what espeak-ng says (needs pocketsphinx and espeak-ng)`,
    async () => {
      const { client, stop } = await openServer({ timeout_ms: 50_000 });
      const { text } = await client.transcribe({ bytes: spoken(), media_type: "audio/wav" }, { signal });
      await stop();
      expect(text).toMatch(/^what is\b/);
    },
  );
});
