import type { RunFile } from "@gatehouse/local";
import type { OnlyCounted } from "@gatehouse/store";
import { askGateway } from "../gateway/ask-gateway.ts";
import { when } from "../terminal/event-line.ts";

/** How much was given up, as the gateway's `/api/system` tells it. */
export interface DeadLetterSummary {
  count: number;
  last: { seq: number; service: string; code: string; dead_at_ms: number } | null;
  only_counted: OnlyCounted[];
}

const ANSWER_MS = 3_000;

/** Asks the gateway of a home; null when it does not answer in 3 s. Never rejects. */
export async function askDeadLetters({
  gateway_url: url,
  admin_key: key,
}: Pick<RunFile, "gateway_url" | "admin_key">): Promise<DeadLetterSummary | null> {
  if (!url) return null;
  const signal = AbortSignal.timeout(ANSWER_MS);
  const asked = askGateway<{ dead_letters: DeadLetterSummary }>({ url, key }, "/api/system", { signal });
  return asked.then(
    ({ dead_letters }) => dead_letters,
    () => null,
  );
}

/** The summary in a line or some, each with its line end. */
export function summaryText(summary: DeadLetterSummary | null): string {
  if (!summary) return "Dead letters: unknown, as the gateway does not answer\n";
  const { count, last, only_counted } = summary;
  const which = last
    ? `, the last ${last.code} of ${last.service} at ${when(last.dead_at_ms)}: gatehouse dead show ${last.seq} says why`
    : "";
  return [`Dead letters: ${count === 0 ? "none" : count}${which}\n`, ...only_counted.map(onlyCountedLine)].join("");
}

/** `Only counted: 5 more NOT_AN_IMAGE of gate in the hour from 12:00:00`. */
export function onlyCountedLine({ camera_id, code, hour_ms, only_counted }: OnlyCounted): string {
  return `Only counted: ${only_counted} more ${code} of ${camera_id} in the hour from ${when(hour_ms)}\n`;
}
