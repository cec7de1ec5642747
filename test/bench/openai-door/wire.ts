/** What one side is asked: questions so many a second, at their times, however slowly answers come. */
export interface Order {
  url: string;
  key: string;
  per_s: number;
  count: number;
}

/** Milliseconds from the time at which a question was due. */
export interface Times {
  /** Until the first word. */
  first_ms: number[];
  /** Until the end. */
  whole_ms: number[];
}

/** Tokens of an answer, and each of them. */
export const ANSWER_TOKENS = 16;
export const TOKEN = " token";
