import type { SpeakOptions } from "./text-to-speech.ts";

/** How one kind of server behind HTTP is asked to speak: JSON, for a WAV file that may come in pieces. */
export interface SpeakProtocol {
  /** Added to the URL: `/tts`. */
  path: string;
  body(text: string, options: Pick<SpeakOptions, "voice" | "language">): object;
  /** A path that shows that the server is there. */
  probe: { path: string; may_lack: boolean };
}
