import { describeError, GatehouseError } from "@gatehouse/errors";
import type { Risk } from "@gatehouse/events";
import type { Llm, Priority } from "@gatehouse/models";
import type { Log } from "@gatehouse/runtime";
import { type Static, Type } from "@sinclair/typebox";
import { ScoreLateError } from "./errors.ts";
import { PROMPT_VERSION, type RiskFacts, riskMessages } from "./risk-prompt.ts";

const LIMITS = { summary: 2_000, reasoning: 4_000, recommended_action: 1_000 };
const text = (maxLength?: number) => Type.String(maxLength === undefined ? {} : { maxLength });

/** What the model is asked for. */
const RiskQuestion = Type.Object({
  risk_score: Type.Number(),
  summary: text(LIMITS.summary),
  reasoning: text(LIMITS.reasoning),
  recommended_action: text(LIMITS.recommended_action),
});
/** What is taken: an answer that is too long is cut, not lost. */
const RiskAnswer = Type.Object({
  risk_score: Type.Number(),
  summary: text(),
  reasoning: text(),
  recommended_action: text(),
});

/** What an event was judged by, kept with it. */
export interface JudgedBy {
  /** Version of the prompt. */
  prompt: string;
  model: string | null;
  version: string | null;
  /** Code of what went wrong; null when the model answered. */
  error: string | null;
  /** Kept boxes that were judged. */
  boxes: number;
}

/** How an event was judged. */
export interface Judgement {
  risk: Risk;
  by: JudgedBy;
  /** The model answered, but not what was asked: the same question hardly gives another answer. */
  useless: boolean;
}

export interface JudgeOptions {
  signal: AbortSignal;
  log: Log;
  /** No answer within this time counts as none. */
  timeout_ms: number;
  /** How urgent it is, beside other calls of the model. */
  priority?: Priority;
}

/** Asks the model how dangerous an event is. Whatever the model does wrong gives an `unscored` risk, never an error. */
export async function judge(
  llm: Llm,
  facts: RiskFacts,
  { signal, log, timeout_ms, priority = 2 }: JudgeOptions,
): Promise<Judgement> {
  const by = { prompt: PROMPT_VERSION, model: null, version: null, boxes: countBoxes(facts) };
  const late = new AbortController();
  const reason = new ScoreLateError(`Cannot score as the model must answer within ${timeout_ms} ms`);
  const timer = setTimeout(() => late.abort(reason), timeout_ms);
  try {
    const { value, model } = await llm.json(
      { messages: riskMessages(facts), json_schema: { name: "risk", schema: RiskQuestion }, temperature: 0 },
      RiskAnswer,
      { signal: AbortSignal.any([signal, late.signal]), priority },
    );
    const judged = { ...by, model: model.name, version: model.version, error: null };
    return { risk: scored(value, facts), by: judged, useless: false };
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = describeError(error);
    log.warn({ camera_id: facts.camera_id, code, reason: message }, "event not scored");
    const useless = !(error instanceof GatehouseError && error.retry === "later");
    return { risk: unscored(facts), by: { ...by, error: code }, useless };
  } finally {
    clearTimeout(timer);
  }
}

function scored({ risk_score, summary, reasoning, recommended_action }: Static<typeof RiskAnswer>, facts: RiskFacts) {
  const score = Math.round(Math.min(100, Math.max(0, risk_score)));
  return {
    status: "scored" as const,
    score,
    level: levelOf(score),
    summary: plain(summary, LIMITS.summary) || plainSummary(facts),
    reasoning: plain(reasoning, LIMITS.reasoning),
    recommended_action: plain(recommended_action, LIMITS.recommended_action),
  };
}

function unscored(facts: RiskFacts): Risk {
  const summary = plainSummary(facts);
  return { status: "unscored", score: null, level: null, summary, reasoning: "", recommended_action: "" };
}

function plainSummary({ batches, camera_name }: RiskFacts): string {
  return `${[...new Set(batches.flatMap(({ labels }) => Object.keys(labels)))].join(", ")} at ${camera_name}`;
}

/** Words without control characters and broken surrogates, which Postgres takes into no text, cut to a length. */
function plain(words: string, most: number): string {
  return words
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, most)
    .toWellFormed();
}

const countBoxes = ({ batches }: RiskFacts): number =>
  batches.reduce((sum, { detection_count }) => sum + detection_count, 0);

/** low < 30, medium < 60, high < 85, critical. */
export function levelOf(score: number): NonNullable<Risk["level"]> {
  if (score < 30) return "low";
  if (score < 60) return "medium";
  return score < 85 ? "high" : "critical";
}
