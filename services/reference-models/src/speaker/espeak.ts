import { BadRequestError } from "../errors.ts";
import { runProgram } from "../programs/run-program.ts";

/** What is to be spoken. */
export interface Spoken {
  text: string;
  /** A voice of espeak-ng (`en-us+f3`), or a language. */
  voice: string;
}

/** As OpenAI's interface has it. */
const MOST_CHARACTERS = 4_096;
/** espeak-ng's name for a voice, with a variant. */
const VOICE = /^[a-z]{2,3}(-[a-z0-9-]{1,16})?(\+[a-z0-9]{1,16})?$/i;

export const speakerModel = { model: "espeak-ng", version: "1", backend: "reference" } as const;
export const usualVoice = "en-us";

/** Checks what is to be spoken. @throws {BadRequestError} */
export function spoken(text: unknown, voice: unknown): Spoken {
  if (typeof text !== "string" || text.trim() === "" || text.length > MOST_CHARACTERS)
    throw new BadRequestError(`Cannot speak as the text must have 1..${MOST_CHARACTERS} characters`);
  const given = voice ?? usualVoice;
  if (typeof given === "string" && VOICE.test(given)) return { text, voice: given };
  throw new BadRequestError(
    `Cannot speak as the voice must be one of espeak-ng's ("en-us+f3"): current value is ${JSON.stringify(given)}`,
  );
}

/**
 * Speaks with espeak-ng: a WAV file, 22,050 Hz mono, as it is made.
 * @throws {ProgramMissingError} espeak-ng is not installed @throws {ProgramFailedError} also for a voice that it does not have
 */
export function speak({ text, voice }: Spoken, signal: AbortSignal): AsyncGenerator<Buffer> {
  return runProgram(
    {
      program: "espeak-ng",
      args: ["--stdin", "--stdout", "-v", voice],
      input: text,
      timeout_ms: 60_000,
      most_output_bytes: 64 * 1024 * 1024,
      gives: "voice",
      debian_packages: ["espeak-ng"],
    },
    signal,
  );
}
