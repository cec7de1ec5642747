import type { OpenAiTextToSpeechConfig } from "./config.ts";
import type { SpeakProtocol } from "./speak-protocol.ts";

/** OpenAI's speech: https://platform.openai.com/docs/api-reference/audio/createSpeech A voice knows its language. */
export const openai = ({ model, voice: usual }: OpenAiTextToSpeechConfig): SpeakProtocol => ({
  path: "/audio/speech",
  body: (input, { voice = usual }) => ({ model, input, voice, response_format: "wav" }),
  probe: { path: "/models", may_lack: false },
});
