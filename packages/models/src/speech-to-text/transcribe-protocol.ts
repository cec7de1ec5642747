/** How one kind of server behind HTTP is asked for a transcript: a form with the speech in it. */
export interface TranscribeProtocol {
  /** Added to the URL: `/whisper`. */
  path: string;
  /** Name of the part that holds the speech. */
  part: string;
  /** Sent besides, by name. */
  fields: Readonly<Record<string, string>>;
  /** A path that shows that the server is there. */
  probe: { path: string; may_lack: boolean };
}
