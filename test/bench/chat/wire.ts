import type { Backing } from "@gatehouse/runtime";

/** Who answers: the model itself; a relay by hand; ours. */
export const SIDES = ["direct", "relay", "ours"] as const;
export type Side = (typeof SIDES)[number];

/** Where a side is asked, and where its answers are read. */
export interface Doors {
  side: Side;
  backing: Backing;
  model_url: string;
  /** WebSocket door; empty where the model itself is read. */
  ws_url: string;
  key: string;
}

/** One turn of a side. */
export interface Turn {
  /** Names its requests. */
  batch: string;
  callers: number;
  /** Of each caller, one after the other. */
  answers: number;
  /** Of each answer. */
  tokens: number;
}

/** A piece of text as a reader got it: milliseconds of the machine's clock. */
export interface Piece {
  at_ms: number;
  text: string;
}

/** One answer: when it was asked for, and what came. */
export interface Heard {
  asked_ms: number;
  pieces: Piece[];
}

/** What a turn took: milliseconds to each first token from the question, and to each token from its being said. */
export interface Taken {
  first_ms: number[];
  token_ms: number[];
}

export const TOKENS_PER_S = 50;

/** The question that is answered with so many tokens. */
export const questionFor = (tokens: number): string => `Please say ${tokens} tokens`;
export const tokensAsked = (body: string): number => Number(/Please say (\d+) tokens(?!.*Please say)/s.exec(body)![1]);

/** A token: its place in the answer and when it was said. */
export const tokenAt = (i: number, at_ms: number): string => ` ${i}@${at_ms.toFixed(3)}`;
const TOKEN = / (\d+)@(\d+\.\d+)/g;

/** When each token was said, and when it was read. @throws when one is missing or came twice */
export function tokensOf({ pieces }: Heard, tokens: number): { said_ms: number; read_ms: number }[] {
  const read = pieces.flatMap(({ at_ms, text }) =>
    [...text.matchAll(TOKEN)].map(([, i, said]) => ({ i: Number(i), said_ms: Number(said), read_ms: at_ms })),
  );
  if (read.length !== tokens || read.some(({ i }, place) => i !== place))
    throw new Error(`an answer had the tokens ${read.map(({ i }) => i).join(" ")}: wanted 0 to ${tokens - 1}`);
  return read;
}
