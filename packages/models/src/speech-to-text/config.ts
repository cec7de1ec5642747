import type { Called, Server } from "../calling/called.ts";

/** OpenAI's `/v1/audio/transcriptions`. */
export interface OpenAiSpeechToTextConfig extends Server {
  kind: "openai";
  /** The model's name at the server. */
  model: string;
  /** `json` for models that cannot tell when what was said; `verbose_json` unless said. */
  response_format?: "verbose_json" | "json";
}

/** A deployment of Ray Serve at `/whisper`. */
export interface RayServeSpeechToTextConfig extends Server {
  kind: "ray-serve";
}

/** A server of the Wyoming protocol: `tcp://host:port`. */
export interface WyomingSpeechToTextConfig extends Called {
  kind: "wyoming";
  url: string;
}

/** One entry of a ranked list. */
export type SpeechToTextConfig = OpenAiSpeechToTextConfig | RayServeSpeechToTextConfig | WyomingSpeechToTextConfig;

/** What is filled in. A minute, as a transcript comes only when the whole of it is there. */
export const SPEECH_TO_TEXT_DEFAULTS = Object.freeze({ timeout_ms: 60_000, in_flight: 8 });
