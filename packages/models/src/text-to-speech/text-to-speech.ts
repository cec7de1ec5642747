import type { ModelRef } from "@gatehouse/events";
import type { Samples } from "../audio/wav-samples.ts";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { clientList, type ModelClient } from "../calling/client-list.ts";
import { firstStream } from "../calling/ranked.ts";
import { ModelRefusedError } from "../errors.ts";
import type { TextToSpeechConfig } from "./config.ts";
import { HttpTextToSpeech } from "./http-text-to-speech.ts";
import { WyomingTextToSpeech } from "./wyoming.ts";

/** What is known when a text was spoken. */
export interface SpokenEnd {
  model: ModelRef;
}

export interface SpeakOptions extends CallOptions {
  /** As the server names it; the configured one unless said. */
  voice?: string;
  /** The text's language, ISO 639-1 (`en`), for servers that ask. */
  language?: string;
}

/** Speaks. */
export interface TextToSpeech extends ModelClient {
  /**
   * Speaks a text of 1 to 4,096 characters; pieces come as the server makes them, 16-bit PCM in whole frames, all of one
   * format; the generator returns the model. Asked at the first `next()`. Ending the loop early, or the signal, closes the
   * socket. Until the first piece the next entry of the list may take over, not after it.
   * @throws {ModelRefusedError} the text is empty or too long, or the server does not take it
   * @throws {ModelAnswerError} the answer is no sound, or cut off
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {TextToSpeechDownError} @throws {TextToSpeechAuthError}
   * @throws the signal's reason when it was aborted
   */
  speak(text: string, options: SpeakOptions): AsyncGenerator<Samples, SpokenEnd, void>;
}

/** OpenAI takes no more: https://platform.openai.com/docs/api-reference/audio/createSpeech */
const MOST_CHARACTERS = 4_096;

/**
 * Makes the speaker of a ranked list: an entry that is busy, down or too slow is skipped for the next.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createTextToSpeech(
  config: readonly TextToSpeechConfig[],
  calling: Partial<Calling> = {},
): TextToSpeech {
  const called = { ...CALLING, ...calling };
  const { clients, ...list } = clientList(config, "text_to_speech", (entry) => clientOf(entry, called), called);
  return {
    ...list,
    async *speak(text, { voice, language, ...options }) {
      if (text.trim() === "" || text.length > MOST_CHARACTERS)
        throw new ModelRefusedError(
          `Cannot speak a text as it must have 1..${MOST_CHARACTERS} characters: current length is ${text.trim().length}`,
        );
      const said = { ...(voice === undefined ? {} : { voice }), ...(language === undefined ? {} : { language }) };
      return yield* firstStream(clients, options, (client, asked) => client.speak(text, { ...asked, ...said }));
    },
  };
}

const clientOf = (config: TextToSpeechConfig, calling: Calling): TextToSpeech =>
  config.kind === "wyoming" ? new WyomingTextToSpeech(config, calling) : new HttpTextToSpeech(config, calling);
