/** How large passages are, in tokens of about 4 characters. */
export const SPLITTING = Object.freeze({
  least_tokens: 400,
  most_tokens: 800,
  /** Of a passage, what the next one of the same section says again. */
  overlap: 0.15,
  /** Longest first line of a passage: the title and the headings that it stands under. */
  place_tokens: 50,
});
