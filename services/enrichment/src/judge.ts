import { describeError } from "@gatehouse/errors";
import type { Risk } from "@gatehouse/events";
import type { Llm } from "@gatehouse/models";
import type { Log } from "@gatehouse/runtime";
import { type Static, Type } from "@sinclair/typebox";
import { PROMPT_VERSION, type RiskFacts, riskMessages } from "./risk-prompt.ts";

/** What the model must answer. */
const RiskAnswer = Type.Object({
  risk_score: Type.Number(),
  summary: Type.String({ minLength: 1, maxLength: 2_000 }),
  reasoning: Type.String({ maxLength: 4_000 }),
  recommended_action: Type.String({ maxLength: 1_000 }),
});

/** How an event was judged: the risk, and what it was judged by. */
export interface Judgement {
  risk: Risk;
  facts: { prompt: string; model: string | null; version: string | null; error: string | null };
}

export interface JudgeOptions {
  signal: AbortSignal;
  log: Log;
  /** No answer within this time counts as none. */
  timeout_ms: number;
}

/** Asks the model how dangerous an event is. Whatever the model does wrong gives an `unscored` risk, never an error. */
export async function judge(llm: Llm, facts: RiskFacts, { signal, log, timeout_ms }: JudgeOptions): Promise<Judgement> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeout_ms)]);
  try {
    const { value, model } = await llm.json(
      { messages: riskMessages(facts), json_schema: { name: "risk", schema: RiskAnswer }, temperature: 0 },
      RiskAnswer,
      { signal: bounded },
    );
    return {
      risk: scored(value),
      facts: { prompt: PROMPT_VERSION, model: model.name, version: model.version, error: null },
    };
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = describeError(error);
    log.warn({ camera_id: facts.camera_id, code, reason: message }, "event not scored");
    return { risk: unscored(facts), facts: { prompt: PROMPT_VERSION, model: null, version: null, error: code } };
  }
}

function scored({ risk_score, summary, reasoning, recommended_action }: Static<typeof RiskAnswer>): Risk {
  const score = Math.round(Math.min(100, Math.max(0, risk_score)));
  return { status: "scored", score, level: levelOf(score), summary, reasoning, recommended_action };
}

function unscored({ batches, camera_name }: RiskFacts): Risk {
  const labels = [...new Set(batches.flatMap(({ labels }) => Object.keys(labels)))];
  return {
    status: "unscored",
    score: null,
    level: null,
    summary: `${labels.join(", ")} at ${camera_name}`,
    reasoning: "",
    recommended_action: "",
  };
}

/** low < 30, medium < 60, high < 85, critical. */
export function levelOf(score: number): NonNullable<Risk["level"]> {
  if (score < 30) return "low";
  if (score < 60) return "medium";
  return score < 85 ? "high" : "critical";
}
