import type { Called, Server } from "../calling/called.ts";

/** What every entry may say of its voice. */
export interface Voiced {
  /** As the server names it; its own choice unless said. */
  voice?: string;
}

/** OpenAI's `/v1/audio/speech`. */
export interface OpenAiTextToSpeechConfig extends Server, Voiced {
  kind: "openai";
  /** The model's name at the server. */
  model: string;
}

/** XTTS, as a deployment of Ray Serve at `/tts`. */
export interface RayServeTextToSpeechConfig extends Server, Voiced {
  kind: "ray-serve";
}

/** A server of the Wyoming protocol: `tcp://host:port`. */
export interface WyomingTextToSpeechConfig extends Called, Voiced {
  kind: "wyoming";
  url: string;
}

/** One entry of a ranked list. */
export type TextToSpeechConfig = OpenAiTextToSpeechConfig | RayServeTextToSpeechConfig | WyomingTextToSpeechConfig;

/** What is filled in. The time is until the first sound, and between two pieces of it. */
export const TEXT_TO_SPEECH_DEFAULTS = Object.freeze({ timeout_ms: 30_000, in_flight: 8 });
