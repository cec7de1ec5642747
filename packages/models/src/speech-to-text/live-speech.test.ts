import { expect, test } from "vitest";
import { LiveSpeech, MOST_SPEECH_BYTES } from "./live-speech.ts";

const signal = new AbortController().signal;
const live = (chunks: AsyncIterable<Uint8Array>, channels = 1) =>
  new LiveSpeech({ chunks, sample_rate_hz: 16_000, channels }, { signal, most_ms: 60_000 });

async function piecesOf(speech: LiveSpeech): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of speech.frames(signal)) pieces.push(piece);
  return pieces;
}

/** Counts up, in pieces of that length. */
async function* counting(bytes: number, piece_bytes: number) {
  for (let at = 0; at < bytes; at += piece_bytes)
    yield Uint8Array.from({ length: Math.min(piece_bytes, bytes - at) }, (_, n) => (at + n) % 251);
}

test.each([
  [1, 5],
  [3, 7],
  [2, 100_001],
])(
  "frames() keeps speech of %i channels that comes in pieces of %i bytes in few, in whole frames",
  async (channels, piece_bytes) => {
    const bytes = 20_000 * 2 * channels * 3;
    const speech = live(counting(bytes, piece_bytes), channels);
    const said = Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => at % 251));
    expect(Buffer.concat(await piecesOf(speech)).equals(said)).toBe(true);
    const again = await piecesOf(speech);
    expect(again.length).toBeLessThanOrEqual(Math.ceil(bytes / 65_536));
    for (const { length } of again) expect(length % (2 * channels)).toBe(0);
    expect(Buffer.concat(again).equals(said)).toBe(true);
    expect(Buffer.from((await speech.whole(signal)).subarray(44)).equals(said)).toBe(true);
    speech.close();
  },
);

test("frames() gives each piece as soon as it is said", async () => {
  const [first, second] = [Promise.withResolvers<Uint8Array>(), Promise.withResolvers<Uint8Array>()];
  async function* said() {
    yield await first.promise;
    yield await second.promise;
  }
  const speech = live(said());
  const frames = speech.frames(signal);
  first.resolve(Uint8Array.of(1, 2, 3));
  expect((await frames.next()).value).toEqual(Uint8Array.of(1, 2));
  second.resolve(Uint8Array.of(4, 5));
  expect((await frames.next()).value).toEqual(Uint8Array.of(3, 4));
  expect((await frames.next()).done).toBe(true);
  speech.close();
});

test("frames() refuses speech that goes on after its most bytes", async () => {
  async function* endless() {
    for (;;) yield new Uint8Array(1024 * 1024);
  }
  const speech = live(endless());
  await expect(piecesOf(speech)).rejects.toMatchObject({
    code: "MODEL_REFUSED",
    message: expect.stringContaining(`at most ${MOST_SPEECH_BYTES} bytes`),
  });
  speech.close();
});
