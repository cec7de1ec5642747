import { when } from "../terminal/event-line.ts";
import type { Paint } from "../terminal/paint.ts";
import { safeText } from "../terminal/safe-text.ts";
import { table } from "../terminal/table.ts";
import { tookWords } from "../terminal/took-words.ts";
import { stateColour, statusLines } from "./run-printer.ts";
import { isOver, type KnownPipeline, type KnownRun, type ListedRun } from "./runs.ts";

/** A row of each run, in the colour of its state. */
export function runsText(runs: readonly ListedRun[], paint: Paint): string {
  const rows = runs.map((run) => [
    run.request_id,
    run.pipeline,
    run.engine ?? "-",
    run.attempt > 1 ? `${run.state} (${run.attempt})` : run.state,
    when(run.created_at_ms),
    run.ended_at_ms === null ? "-" : tookWords(run.ended_at_ms - run.created_at_ms),
    run.message,
  ]);
  const [head = "", ...lines] = table(["id", "pipeline", "engine", "state", "when", "took", ""], rows, paint)
    .trimEnd()
    .split("\n");
  return [head, ...lines.map((line, i) => paint(stateColour(runs[i]!.state), line)), ""].join("\n");
}

/** A run, and everything that was told of it. */
export function runText(run: KnownRun, paint: Paint): string {
  const { request_id, pipeline, engine, state, message, origin, attempt, created_at_ms, ended_at_ms, statuses } = run;
  const took = isOver(state) && ended_at_ms !== null ? `after ${tookWords(ended_at_ms - created_at_ms)}` : "";
  const facts = [
    ["run", paint("bold", request_id)],
    ["pipeline", safeText(engine === null ? pipeline : `${pipeline} on ${engine}`)],
    ["state", [paint(stateColour(state), state), attempt > 1 && `attempt ${attempt}`, took].filter(Boolean).join("  ")],
    ["because", state === "waiting" ? safeText(message) : ""],
    ["when", when(created_at_ms)],
    ["asked by", origin === "request" ? "" : safeText(origin.replace(":", " "))],
    ["parameters", Object.keys(run.parameters).length === 0 ? "" : safeText(JSON.stringify(run.parameters))],
  ].filter(([, text]) => text !== "");
  const width = Math.max(...facts.map(([name]) => name!.length));
  const head = facts.map(([name, text]) => `${paint("dim", name!.padEnd(width))}  ${text}`);
  return [...head, "", ...statuses.flatMap((status) => statusLines(status, { paint, dated: true })), ""].join("\n");
}

/** What can be run with which parameters, and why the others cannot. */
export function catalogueText(pipelines: readonly KnownPipeline[], paint: Paint): string {
  const sorted = [...pipelines].sort((a, b) => Number(b.configured) - Number(a.configured));
  const rows = sorted.map((one) => [
    one.name,
    one.engine ?? "-",
    one.missing === null ? parameterWords(one.parameters) : `needs ${one.missing}`,
  ]);
  const [head = "", ...lines] = table(["pipeline", "engine", "parameters"], rows, paint).trimEnd().split("\n");
  return [head, ...lines.map((line, i) => (sorted[i]!.configured ? line : paint("dim", line))), ""].join("\n");
}

/** `model string, threshold number, [labels array]`: what may be left out stands in brackets. */
function parameterWords(schema: KnownPipeline["parameters"]): string {
  if (schema === null) return "any";
  const words = Object.entries(schema.properties ?? {}).map(([name, { type }]) => {
    const word = [name, [type ?? []].flat().join("|")].filter(Boolean).join(" ");
    return schema.required?.includes(name) ? word : `[${word}]`;
  });
  return words.length === 0 ? "none" : words.join(", ");
}
