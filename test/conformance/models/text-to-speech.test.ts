import { createHash } from "node:crypto";
import { createTextToSpeech, type PcmFormat, type TextToSpeech } from "@gatehouse/models";
import type { ReferenceModels } from "@gatehouse/reference-models";
import { describe, expect, test } from "vitest";
import { isInstalled } from "../../harness/is-installed.ts";
import { keepsThePromises, type Open, type Promised, staysTyped } from "./client.conformance.ts";
import { configured } from "./configured.ts";
import { withServer } from "./with-server.ts";
import { staysTypedOverWyoming } from "./wyoming.conformance.ts";

const signal = new AbortController().signal;

const SERVERS: [string, (server: ReferenceModels) => object][] = [
  ["openai", ({ url }) => ({ kind: "openai", url, model: "tts-1" })],
  ["ray-serve", ({ url }) => ({ kind: "ray-serve", url })],
  ["wyoming", ({ wyoming_url }) => ({ kind: "wyoming", url: wyoming_url })],
];

/** All that a speaker says. */
async function said(speaker: TextToSpeech, text: string, asking: AbortSignal) {
  const hash = createHash("sha256");
  const formats = new Set<PcmFormat>();
  let bytes = 0;
  const parts = speaker.speak(text, { signal: asking, voice: "en-us" });
  let next = await parts.next();
  for (; !next.done; next = await parts.next()) {
    hash.update(next.value.bytes);
    bytes += next.value.bytes.length;
    formats.add(next.value.format);
  }
  const seen = new Set([...formats].map((format) => JSON.stringify(format)));
  return { sha256: hash.digest("hex"), bytes, formats: [...seen], model: next.value.model };
}

/** What every speaker promises. */
function isSpeaker(name: string, open: Open<TextToSpeech>): void {
  test(`speak() of ${name} gives samples of one format, and says who spoke`, async () => {
    const { client, stop } = await open();
    const { bytes, formats, model } = await said(client, "Somebody is at the gate", signal);
    await stop();
    expect(formats).toEqual(['{"sample_rate_hz":22050,"channels":1}']);
    expect(bytes).toBe(4_410);
    expect(model.backend).toBe("reference");
    expect(model.name).not.toBe("unknown");
  });

  test(`speak() of ${name} frees its slot when the loop is left early`, async () => {
    const { client, stop } = await open();
    for (let times = 0; times < 10; times++)
      for await (const { bytes } of client.speak("Somebody is at the gate", { signal })) {
        expect(bytes.length).toBeGreaterThan(0);
        break;
      }
    await stop();
  });

  test.each([
    ["nothing", "", "1..4096 characters: current length is 0"],
    ["too much", "a".repeat(4_097), "1..4096 characters: current length is 4097"],
  ])(`speak() of ${name} refuses %s, for good`, async (_, text, message) => {
    const { client, stop } = await open();
    await expect(said(client, text, signal)).rejects.toMatchObject({
      code: "MODEL_REFUSED",
      message: expect.stringContaining(message),
    });
    await stop();
  });
}

const speaking = (name: string, open: Open<TextToSpeech>): Promised<TextToSpeech> => ({
  name: `speak() of ${name}`,
  open,
  ask: (speaker, asking) => said(speaker, "Somebody is at the gate", asking),
  prefix: "TEXT_TO_SPEECH",
  dependency: "text_to_speech",
});

describe.each(SERVERS)("%s", (name, entry) => {
  const openServer = withServer("speak", (server, timeout_ms) =>
    createTextToSpeech(configured("text_to_speech", [{ ...entry(server), timeout_ms }]), { first_delay_ms: 1 }),
  );
  const open: Open<TextToSpeech> = async (options) => {
    const opened = await openServer(options);
    opened.switches!.zero_cost = true;
    return opened;
  };
  isSpeaker(name, open);
  keepsThePromises(speaking(name, open));
  if (name === "wyoming") staysTypedOverWyoming(speaking(name, open));
  else staysTyped(speaking(name, open));

  test.skipIf(!isInstalled("espeak-ng"))(
    `speak() of ${name} says longer texts longer, as espeak-ng does (needs espeak-ng)`,
    async () => {
      const { client, stop } = await openServer();
      const short = await said(client, "No", signal);
      const long = await said(client, "There is somebody at the gate, and the gate is open", signal);
      await stop();
      expect(short.bytes).toBeGreaterThan(4_410);
      expect(long.bytes).toBeGreaterThan(short.bytes * 2);
      expect(long.formats).toEqual(short.formats);
    },
  );

  test.skipIf(!isInstalled("espeak-ng"))(
    `speak() of ${name} says that its answer was cut off (needs espeak-ng)`,
    async () => {
      const { client, switches, stop } = await openServer();
      switches!.drop_after_tokens = 1;
      const text = "There is somebody at the gate, and the gate is open. ".repeat(20);
      await expect(said(client, text, signal)).rejects.toMatchObject({ code: "MODEL_ANSWER" });
      await stop();
    },
  );
});
