/** What one way of searching found for a question. */
export interface Answered {
  wanted: readonly string[];
  /** The best first. */
  found: readonly string[];
}

/** How well a way of searching did. */
export interface Quality {
  /** Share of the wanted passages that were among the first five, over all questions. */
  recall_at_5: number;
  /** One over the place of the first wanted passage, over all questions. */
  mrr: number;
}

export function qualityOf(answers: readonly Answered[]): Quality {
  const mean = (value: (answered: Answered) => number) =>
    answers.reduce((sum, answered) => sum + value(answered), 0) / answers.length;
  return {
    recall_at_5: mean(({ wanted, found }) => {
      const first = found.slice(0, 5);
      return wanted.filter((id) => first.includes(id)).length / wanted.length;
    }),
    mrr: mean(({ wanted, found }) => {
      const place = found.findIndex((id) => wanted.includes(id));
      return place < 0 ? 0 : 1 / (place + 1);
    }),
  };
}

/** Better when no measure is worse: of two searches, what the joined one may not fall below. */
export function betterOf(one: Quality, other: Quality): Quality {
  return {
    recall_at_5: Math.max(one.recall_at_5, other.recall_at_5),
    mrr: Math.max(one.mrr, other.mrr),
  };
}
