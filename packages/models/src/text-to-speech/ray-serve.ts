import type { RayServeTextToSpeechConfig } from "./config.ts";
import type { SpeakProtocol } from "./speak-protocol.ts";

/** A Ray Serve deployment of XTTS. */
export const rayServe = ({ voice: usual }: RayServeTextToSpeechConfig): SpeakProtocol => ({
  path: "/tts",
  body: (text, { voice: speaker = usual, language }) => ({ text, speaker, language }),
  probe: { path: "/-/healthz", may_lack: true },
});
