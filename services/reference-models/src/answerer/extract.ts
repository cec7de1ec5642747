/** One message of a conversation, its content as plain text. */
export interface Turn {
  role: string;
  text: string;
}

const stopWords = new Set(
  "a an and are as at be but by do does for from had has have how i in is it its of on or that the their there this to was we were what when where which who why will with you your".split(
    " ",
  ),
);

/** The words of a text that carry meaning, lower case, without a plural s. */
export function terms(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_-]+/gu) ?? [];
  return words.filter((word) => !stopWords.has(word)).map((word) => (word.length > 3 ? word.replace(/s$/, "") : word));
}

/** Splits text into sentences and lines. */
export function sentences(text: string): string[] {
  return text
    .split(/\n+|(?<=[.!?])\s+(?=[\p{Lu}\p{N}"'(])/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.length > 0);
}

/**
 * The sentences of the conversation that share most terms with the last question, in their own order (at most `most`).
 * Rare terms count more. The question itself is used only when nothing else fits.
 */
export function extractAnswer(turns: Turn[], most = 3): string[] {
  const asked = turns.findLastIndex(({ role }) => role === "user");
  const lines = sentences(turns[asked]?.text ?? "");
  const question = lines.findLast((line) => line.endsWith("?")) ?? lines.at(-1) ?? "";
  const material = [
    ...turns.slice(0, Math.max(0, asked)),
    { role: "user", text: lines.filter((line) => line !== question).join("\n") },
  ];
  const pool = material.flatMap(({ text }) => sentences(text));
  const best = rank(pool, new Set(terms(question))).slice(0, most);
  if (best.length === 0)
    return question === "" ? ["There is nothing to answer."] : [`Nothing that was given answers: ${question}`];
  return pool.filter((sentence) => best.includes(sentence)).slice(0, most);
}

function rank(pool: string[], wanted: Set<string>): string[] {
  const spread = new Map<string, number>();
  const found = pool.map((sentence) => new Set(terms(sentence)));
  for (const words of found) for (const word of words) spread.set(word, (spread.get(word) ?? 0) + 1);
  const scored = pool.map((sentence, at) => {
    const shared = [...found[at]!].filter((word) => wanted.has(word));
    const weight = shared.reduce((sum, word) => sum + Math.log(1 + pool.length / spread.get(word)!), 0);
    return { sentence, score: weight / Math.sqrt(4 + found[at]!.size) };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ sentence }) => sentence);
}
