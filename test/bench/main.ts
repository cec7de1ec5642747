import { parseArgs } from "node:util";
import { batcher } from "./batcher/bench.ts";
import { cascade } from "./cascade/bench.ts";
import { chat } from "./chat/bench.ts";
import { clients } from "./clients/bench.ts";
import { frames } from "./frames/bench.ts";
import { gateway } from "./gateway/bench.ts";
import { latency } from "./latency/bench.ts";
import { type Bench, type Report, reportText } from "./measure/report.ts";
import { openaiDoor } from "./openai-door/bench.ts";
import { pipelines } from "./pipelines/bench.ts";
import { processes } from "./processes/bench.ts";
import { retrieval } from "./retrieval/bench.ts";
import { stage } from "./stage/bench.ts";

const BENCHES: readonly Bench[] = [
  stage,
  frames,
  latency,
  gateway,
  clients,
  batcher,
  cascade,
  openaiDoor,
  chat,
  pipelines,
  processes,
  retrieval,
];

const HELP = `Measures ours beside the bare client, interleaved in one run.

  npm run bench                    all: ${BENCHES.map(({ name }) => name).join(", ")}
  npm run bench -- --only stage    one of them; may be given again
  npm run bench -- --rounds 9      samples of each side (default 5)
  npm run bench -- --smoke         a second or two each: only the counts must be right
  npm run bench -- --json          the reports as JSON, nothing else
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string", default: "5" },
    smoke: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
process.exitCode = values.help ? help() : await measure();

function help(): number {
  process.stdout.write(HELP);
  return 0;
}

/** Runs what was asked for. 1 when a count was wrong, or there is no such bench. */
async function measure(): Promise<number> {
  const unknown = values.only.filter((wanted) => !BENCHES.some(({ name }) => name === wanted));
  if (unknown.length > 0) {
    process.stderr.write(
      `Cannot measure "${unknown[0]}" as it must be one of ${BENCHES.map(({ name }) => name).join(", ")}\n`,
    );
    return 1;
  }
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupted.abort());
  const reports: Report[] = [];
  let failed = 0;
  for (const { name, run } of BENCHES) {
    if (interrupted.signal.aborted) return 1;
    if (values.only.length > 0 && !values.only.includes(name)) continue;
    try {
      const report = await run({
        smoke: values.smoke,
        signal: interrupted.signal,
        rounds: values.smoke ? 1 : Number(values.rounds),
        tell: (line) => void process.stderr.write(`${line}\n`),
      });
      reports.push(report);
      if (report.faults?.length) failed++;
      if (!values.json) process.stdout.write(`${reportText(report)}\n`);
    } catch (error) {
      failed++;
      process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  if (values.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  return failed === 0 ? 0 : 1;
}
