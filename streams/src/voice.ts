import { HOUR, MB, type StreamDeclaration, stream } from "./declaration.ts";

export const aiVoiceStream = (): StreamDeclaration =>
  stream("AI_VOICE_STREAM", ["ai.voice.>"], { max_age_ms: HOUR, max_bytes: 256 * MB });
