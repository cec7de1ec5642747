import type { ModelRef } from "@gatehouse/events";
import type { PcmStream } from "../audio/pcm.ts";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { clientList, type ModelClient } from "../calling/client-list.ts";
import { shown } from "../calling/faults.ts";
import { firstAnswer } from "../calling/ranked.ts";
import { ModelRefusedError } from "../errors.ts";
import type { SpeechToTextConfig } from "./config.ts";
import { HttpSpeechToText } from "./http-speech-to-text.ts";
import { LiveSpeech, MOST_SPEECH_BYTES } from "./live-speech.ts";
import { WyomingSpeechToText } from "./wyoming.ts";

/** Speech that was recorded. */
export interface RecordedSpeech {
  /** At most 25 MiB. */
  bytes: Uint8Array;
  /** `audio/wav`; others only for servers behind HTTP. */
  media_type: string;
}

/** What was said in a part of the speech. */
export interface TranscriptSegment {
  /** From the beginning of the speech. */
  start_ms: number;
  end_ms: number;
  text: string;
}

/** Speech, written down. */
export interface Transcript {
  model: ModelRef;
  /** Empty when nothing was said. */
  text: string;
  /** As the server names it (`en`, `english`), else as it was asked for; null when neither says. */
  language: string | null;
  /** Only of servers that tell. */
  segments?: TranscriptSegment[];
}

export interface TranscribeOptions extends CallOptions {
  /** The language that is spoken, ISO 639-1 (`en`); the server listens for it unless said. */
  language?: string;
}

/** Writes down speech. */
export interface SpeechToText extends ModelClient {
  /**
   * Writes down a recording, or speech while it is being said: Wyoming servers hear it as it comes, the others when it is
   * over. Live speech is read once and kept until then, so that the next entry can take over at any moment. Safe to repeat.
   * @throws {ModelRefusedError} the speech is empty or too long, or no server takes its format
   * @throws {ModelAnswerError} the answer makes no sense
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {SpeechToTextDownError} @throws {SpeechToTextAuthError}
   * @throws what the live speech throws @throws the signal's reason when it was aborted
   */
  transcribe(speech: RecordedSpeech | PcmStream, options: TranscribeOptions): Promise<Transcript>;
}

/** A client of one server. */
export interface SpeechToTextClient extends ModelClient {
  /** Whether its server takes recordings of that kind. */
  takes(media_type: string): boolean;
  /** Whether it hears live speech before that is over. */
  hears_live: boolean;
  transcribe(speech: RecordedSpeech | LiveSpeech, options: TranscribeOptions): Promise<Transcript>;
}

/**
 * Makes the listener of a ranked list: an entry that is busy, down or too slow is skipped for the next.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createSpeechToText(
  config: readonly SpeechToTextConfig[],
  calling: Partial<Calling> = {},
): SpeechToText {
  const called = { ...CALLING, ...calling };
  const { clients, ...list } = clientList(config, "speech_to_text", (entry) => clientOf(entry, called), called);
  return {
    ...list,
    async transcribe(speech, { language, ...options }) {
      const most_ms = called.whole_answer_ms;
      const heard = "chunks" in speech ? new LiveSpeech(speech, { ...options, most_ms }) : speech;
      const said = language === undefined ? {} : { language };
      try {
        // slots and cards are not held while somebody speaks to a server that listens afterwards
        if (heard instanceof LiveSpeech && !clients[0]!.hears_live) await heard.whole(options.signal);
        return await firstAnswer(ableFor(clients, heard), options, (client, asked) =>
          client.transcribe(heard, { ...asked, ...said }),
        );
      } finally {
        if (heard instanceof LiveSpeech) heard.close();
      }
    },
  };
}

function clientOf(config: SpeechToTextConfig, calling: Calling): SpeechToTextClient {
  return config.kind === "wyoming" ? new WyomingSpeechToText(config, calling) : new HttpSpeechToText(config, calling);
}

/** The clients that take such speech. @throws {ModelRefusedError} when none does, or nobody could */
function ableFor(clients: readonly SpeechToTextClient[], speech: RecordedSpeech | LiveSpeech) {
  if (speech instanceof LiveSpeech) return clients;
  const { media_type, bytes } = speech;
  if (bytes.length === 0 || bytes.length > MOST_SPEECH_BYTES)
    throw new ModelRefusedError(
      `Cannot write down speech as it must have 1..${MOST_SPEECH_BYTES} bytes: current length is ${bytes.length}`,
    );
  const able = clients.filter((client) => client.takes(media_type));
  if (able.length > 0) return able;
  throw new ModelRefusedError(
    `Cannot write down speech as its media type must be "audio/wav": current value is ${shown(media_type)}`,
  );
}
