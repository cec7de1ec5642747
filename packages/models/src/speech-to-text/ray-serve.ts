import type { TranscribeProtocol } from "./transcribe-protocol.ts";

/** A Ray Serve deployment of Whisper. */
export const rayServe = (): TranscribeProtocol => ({
  path: "/whisper",
  part: "audio",
  fields: {},
  probe: { path: "/-/healthz", may_lack: true },
});
