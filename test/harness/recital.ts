/** Which model speaks: each says other words to the same question. */
export type Voice = "a" | "b";
export const VOICES: readonly Voice[] = ["a", "b"];

const QUESTION = /recite (\S+) in (\d+) tokens(?: after (\d+) failures)?/;

/** What is asked for by a question: the same words again each time it is asked. */
export interface Recital {
  /** Names the question. */
  key: string;
  tokens: number;
  /** So often each model fails it before it says it; not at all unless given. */
  failures?: number;
}

/** The question that is answered with a recital. */
export const askFor = ({ key, tokens, failures }: Recital): string =>
  `Please recite ${key} in ${tokens} tokens${failures === undefined ? "" : ` after ${failures} failures`}`;

/** What a question asks for; null when it asks for something else. */
export function askedFor(question: string): Recital | null {
  const [, key, tokens, failures] = QUESTION.exec(question) ?? [];
  if (key === undefined) return null;
  return { key, tokens: Number(tokens), ...(failures === undefined ? {} : { failures: Number(failures) }) };
}

/** The words of a recital, each a token; no two are alike, so that a hole, a repeat or a foreign word shows. */
export function wordsOf({ key, tokens }: Recital, voice: Voice): string[] {
  const mark = fnv1a(key).toString(36).padStart(7, "0").slice(-4);
  return Array.from({ length: tokens }, (_, i) => `${i === 0 ? "" : " "}${i.toString(36)}${voice}${mark}`);
}

/** The whole text of a recital. */
export const textOf = (recital: Recital, voice: Voice): string => wordsOf(recital, voice).join("");

/** Who began to say this, when it is the beginning of a recital. */
export const voiceOf = (recital: Recital, said: string): Voice | undefined =>
  VOICES.find((voice) => textOf(recital, voice).startsWith(said));

/** FNV-1a, 32 bits (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
