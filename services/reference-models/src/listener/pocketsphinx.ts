import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PcmFormat } from "@gatehouse/models";
import { BadRequestError } from "../errors.ts";
import { wholeOutput } from "../programs/run-program.ts";
import { monoSamples } from "./mono-samples.ts";

/** What is to be heard. */
export interface Speech {
  samples: Uint8Array;
  format: PcmFormat;
}

/** What was heard. */
export interface Heard {
  text: string;
  /** How long the speech is. */
  duration_ms: number;
}

/** The longest speech, as OpenAI's interface has it. */
export const maxSpeechBytes = 25 * 1024 * 1024;
export const listenerModel = { model: "pocketsphinx", version: "en-us", backend: "reference" } as const;
/** The only language of its model. */
export const listenerLanguage = "en";

/** Its features reach to 6,800 Hz, so that lower rates do not carry them. */
const LEAST_RATE_HZ = 16_000;
const MOST_RATE_HZ = 48_000;
/** Length of the window that its features are made of. */
const WINDOW_S = 0.025625;

/**
 * Writes down English speech with pocketsphinx.
 * @throws {ProgramMissingError} there is no speech model: pocketsphinx is not installed
 * @throws {BadRequestError} the sample rate is not 16,000..48,000 Hz
 */
export async function listen({ samples, format }: Speech, signal: AbortSignal): Promise<Heard> {
  const { sample_rate_hz } = format;
  if (sample_rate_hz < LEAST_RATE_HZ || sample_rate_hz > MOST_RATE_HZ)
    throw new BadRequestError(
      `Cannot hear speech as its sample rate must be ${LEAST_RATE_HZ}..${MOST_RATE_HZ} Hz: current value is ${sample_rate_hz}`,
    );
  const mono = monoSamples(samples, format);
  const text = await inFile(mono, (file) => textOf(file, sample_rate_hz, signal));
  return { text, duration_ms: Math.round((mono.length / 2 / sample_rate_hz) * 1_000) };
}

/** What is no `.wav` is read as samples. Its log, where its words would be, is off: it tells of every step. */
async function textOf(file: string, rate_hz: number, signal: AbortSignal): Promise<string> {
  const fft = 2 ** Math.ceil(Math.log2(WINDOW_S * rate_hz));
  const output = await wholeOutput(
    {
      program: "pocketsphinx_continuous",
      args: ["-infile", file, "-samprate", `${rate_hz}`, "-nfft", `${fft}`, "-logfn", "/dev/null"],
      input: "",
      timeout_ms: 120_000,
      most_output_bytes: 1024 * 1024,
      gives: "speech model",
      debian_packages: ["pocketsphinx", "pocketsphinx-en-us"],
    },
    signal,
  );
  return output.toString("utf8").replace(/\s+/g, " ").trim();
}

/** It opens what it hears by name. */
async function inFile<T>(bytes: Uint8Array, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-speech-"));
  try {
    const file = join(folder, "speech.raw");
    await writeFile(file, bytes);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
