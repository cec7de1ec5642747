import { readinessAnswer, type ServiceReadiness } from "./readiness.ts";

/** Where health answers come from. */
export interface HealthSources {
  /** How the services of this process are now: remembered, not probed here. */
  services: () => readonly ServiceReadiness[];
  metrics: { text(): Promise<string> };
}

export interface Answer {
  status: number;
  type: string;
  body: string;
  headers?: Record<string, string>;
}

const JSON_TYPE = "application/json; charset=utf-8";
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Answers one request. Never throws. `/livez` asks nobody: it says that the event loop turns. */
export async function answerHealth(method: string, target: string, sources: HealthSources): Promise<Answer> {
  const path = target.replace(/\?.*$/, "");
  const answer = Object.hasOwn(ANSWERS, path) ? ANSWERS[path] : undefined;
  if (answer === undefined)
    return refusal(404, "NOT_FOUND", "Cannot find this path: known are /livez, /readyz, /metrics");
  if (method !== "GET" && method !== "HEAD") {
    const message = `Cannot answer as the method must be GET or HEAD: current method is ${JSON.stringify(method)}`;
    return { ...refusal(405, "METHOD_NOT_ALLOWED", message), headers: { allow: "GET, HEAD" } };
  }
  try {
    return await answer(sources);
  } catch {
    return refusal(500, "INTERNAL", `Cannot answer ${path} as asking for it failed`);
  }
}

const ANSWERS: Record<string, (sources: HealthSources) => Answer | Promise<Answer>> = {
  "/livez": () => json(200, { status: "alive" }),
  "/readyz": ({ services }) => {
    const { http_status, body } = readinessAnswer(services());
    return json(http_status, body);
  },
  "/metrics": async ({ metrics }) => ({ status: 200, type: METRICS_TYPE, body: await metrics.text() }),
};

const json = (status: number, body: object): Answer => ({ status, type: JSON_TYPE, body: `${JSON.stringify(body)}\n` });

const refusal = (status: number, code: string, message: string): Answer =>
  json(status, { error: { code, message, retryable: status >= 500 } });
