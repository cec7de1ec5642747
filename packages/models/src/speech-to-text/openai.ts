import type { OpenAiSpeechToTextConfig } from "./config.ts";
import type { TranscribeProtocol } from "./transcribe-protocol.ts";

/** OpenAI's transcriptions: https://platform.openai.com/docs/api-reference/audio/createTranscription */
export const openai = ({ model, response_format = "verbose_json" }: OpenAiSpeechToTextConfig): TranscribeProtocol => ({
  path: "/audio/transcriptions",
  part: "file",
  fields: { model, response_format },
  probe: { path: "/models", may_lack: false },
});
