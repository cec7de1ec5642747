import { type Filler, fillSchema, type Schema } from "./by-schema.ts";
import { extractAnswer, sentences, type Turn, terms } from "./extract.ts";
import { readFacts } from "./facts.ts";
import { type Reason, riskScore, weighFacts } from "./risk.ts";

/** What form the answer must have. */
export type Form = { kind: "text" } | { kind: "json"; schema: Schema | null };

/** What is answered with `{type: "json_object"}`, where the caller names no schema. */
const plainAnswer: Schema = { type: "object", properties: { answer: { type: "string" } }, required: ["answer"] };

/** Properties that name a sum of risk. Other numbers count the objects that the prompt names. */
const riskNames = /risk|score|threat|severity|danger/i;

/** Answers a conversation from its own text; the same conversation always has the same answer. */
export function answer(turns: Turn[], form: Form): string {
  if (form.kind === "text") return extractAnswer(turns).join(" ");
  return JSON.stringify(fillSchema(form.schema ?? schemaNamed(turns), fillFrom(turns)));
}

/** A prompt that asks for JSON `{risk_score, summary}` in words has those properties; else one text. */
function schemaNamed(turns: Turn[]): Schema {
  const named = turns
    .map(({ text }) => /\{\s*("?[a-z_]+"?\s*(?:[:,][^{}]*)?)\}/i.exec(text)?.[1])
    .find((list) => list !== undefined);
  const names = named?.match(/(?<=^|,\s*)"?[a-z_]{3,}"?/gi)?.map((name) => name.replaceAll('"', "")) ?? [];
  if (names.length === 0) return plainAnswer;
  const typed = names.map((name) => [
    name,
    riskNames.test(name) ? { type: "integer", minimum: 0, maximum: 100 } : { type: "string" },
  ]);
  return { type: "object", properties: Object.fromEntries(typed), required: names };
}

function fillFrom(turns: Turn[]): Filler {
  const told = turns
    .filter(({ role }) => role === "user")
    .map(({ text }) => text)
    .join("\n");
  const facts = readFacts(told);
  const reasons = weighFacts(facts);
  const score = riskScore(reasons);
  const confidences = facts.labels.flatMap(({ confidence }) => (confidence === null ? [] : [confidence]));
  return {
    number(name) {
      if (riskNames.test(name)) return score;
      if (/confidence|probability|certainty/i.test(name)) return Math.max(0, ...confidences);
      return facts.labels.reduce((sum, { count }) => sum + count, 0);
    },
    text: (name) => say(name, { turns, told, reasons, score }),
    truth: () => score >= 30,
    choose: (name, values) => choose(name, values, told, score),
  };
}

function say(name: string, about: { turns: Turn[]; told: string; reasons: Reason[]; score: number }): string {
  const { turns, told, reasons, score } = about;
  if (/reason|explanation|why/i.test(name))
    return `${reasons.map(({ points, text }) => `${text} (${points > 0 ? "+" : ""}${points})`).join(", ") || "nothing that raises the risk"}: ${score}`;
  if (/action|recommend/i.test(name)) return recommended(score);
  if (/summary|description|title/i.test(name)) return summary(told);
  return extractAnswer([...turns, { role: "user", text: name.replaceAll("_", " ") }], 1).join(" ");
}

function recommended(score: number): string {
  if (score >= 85) return "Alert now and look at the camera";
  if (score >= 60) return "Alert and check soon";
  return score >= 30 ? "Look when convenient" : "No action needed";
}

/** The prompt's lines that say what was seen, where and when. */
/** The first sentence that names something seen, else the first of all; with the camera where it does not say it. */
function summary(told: string): string {
  const all = sentences(told);
  const seen = all.find((sentence) => readFacts(sentence).labels.length > 0) ?? all[0] ?? "Nothing was told.";
  const camera = /\bcamera\b/i.test(seen) ? undefined : all.find((sentence) => /^camera\b/i.test(sentence));
  return [seen.replace(/\.$/, ""), ...(camera && camera !== seen ? [camera] : [])].join("; ").slice(0, 400);
}

/** Ordered words of severity follow the score; other values are chosen by how much the prompt speaks of them. */
function choose(name: string, values: unknown[], told: string, score: number): unknown {
  const ladder = ["none", "low", "medium", "high", "critical"];
  const level = score < 30 ? 1 : score < 60 ? 2 : score < 85 ? 3 : 4;
  const onLadder = values.filter((value) => ladder.includes(String(value).toLowerCase()));
  if (onLadder.length > 1 || riskNames.test(name)) {
    const near = [...onLadder].sort((a, b) => off(a) - off(b))[0];
    if (near !== undefined) return near;
  }
  const spoken = new Set(terms(told));
  return values.find((value) => terms(String(value)).some((term) => spoken.has(term))) ?? values[0];

  function off(value: unknown): number {
    return Math.abs(ladder.indexOf(String(value).toLowerCase()) - level);
  }
}
