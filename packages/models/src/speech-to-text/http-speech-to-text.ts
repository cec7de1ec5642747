import type { Calling } from "../calling/calling.ts";
import { formOf } from "../calling/form.ts";
import { JsonServer } from "../calling/json-server.ts";
import { v1Url } from "../calling/v1-url.ts";
import { SpeechToTextAuthError, SpeechToTextDownError } from "../errors.ts";
import { type OpenAiSpeechToTextConfig, type RayServeSpeechToTextConfig, SPEECH_TO_TEXT_DEFAULTS } from "./config.ts";
import { LiveSpeech } from "./live-speech.ts";
import { openai } from "./openai.ts";
import { rayServe } from "./ray-serve.ts";
import type { RecordedSpeech, SpeechToTextClient, TranscribeOptions, Transcript } from "./speech-to-text.ts";
import type { TranscribeProtocol } from "./transcribe-protocol.ts";
import { compileTranscriptCheck, transcriptOf } from "./transcript-answer.ts";

/** Endings of filenames, which some servers go by. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/mpeg": "mp3",
  "audio/mp4": "m4a",
  "audio/ogg": "ogg",
  "audio/webm": "webm",
  "audio/flac": "flac",
};

/** A listener behind HTTP. Speech goes out whole; what is still being said is waited for. */
export class HttpSpeechToText implements SpeechToTextClient {
  readonly hears_live = false;
  readonly #server: JsonServer;
  readonly #protocol: TranscribeProtocol;
  readonly #usual: { name: string | undefined; backend: string };
  readonly #check = compileTranscriptCheck();

  constructor(given: OpenAiSpeechToTextConfig | RayServeSpeechToTextConfig, calling: Calling) {
    const url = given.kind === "openai" ? v1Url(given.url) : given.url;
    const config = { ...SPEECH_TO_TEXT_DEFAULTS, ...given, url };
    const errors = { Down: SpeechToTextDownError, Auth: SpeechToTextAuthError };
    this.#server = new JsonServer({ config, action: "write down speech", ...errors, calling });
    this.#protocol = given.kind === "openai" ? openai(given) : rayServe();
    this.#usual = { name: given.kind === "openai" ? given.model : undefined, backend: given.kind };
  }

  takes(media_type: string): boolean {
    return Object.hasOwn(EXTENSIONS, media_type);
  }

  async transcribe(
    speech: RecordedSpeech | LiveSpeech,
    { language, ...options }: TranscribeOptions,
  ): Promise<Transcript> {
    const { path, part, fields } = this.#protocol;
    const { bytes, media_type } = speech instanceof LiveSpeech ? await recorded(speech, options.signal) : speech;
    const texts = Object.entries({ ...fields, ...(language === undefined ? {} : { language }) });
    const form = formOf([
      ...texts.map(([name, value]) => ({ name, value })),
      { name: part, file: { bytes, media_type, filename: `speech.${EXTENSIONS[media_type]}` } },
    ]);
    const answer = await this.#server.ask({ path, form, check: this.#check, wanted: "a transcript" }, options);
    return transcriptOf(answer, { ...this.#usual, language });
  }

  probe(signal: AbortSignal): Promise<void> {
    const { path, may_lack } = this.#protocol.probe;
    return this.#server.probe(path, { signal, may_lack });
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

const recorded = async (speech: LiveSpeech, signal: AbortSignal): Promise<RecordedSpeech> => ({
  bytes: await speech.whole(signal),
  media_type: "audio/wav",
});
