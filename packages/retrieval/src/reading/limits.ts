/** What reading one document may take. Measured on what people keep: a manual of 400 pages takes 2 s. */
export const READING = Object.freeze({
  /** As the gateway takes them. */
  bytes: 32 * 1024 * 1024,
  timeout_ms: 30_000,
  /** Of the reader's thread, in its heap and beside it. */
  memory_mb: 512,
  /** Characters of text that come out. */
  characters: 16 * 1024 * 1024,
  pages: 5_000,
});
