import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type GateResult, runGate } from "./gate/run-gate.ts";
import { gateSteps } from "./gate/steps.ts";

const HELP = `npm test [-- --only STEP] [--json] [--help]

Proves everything: lint, types, layers, contracts, unit tests, integration tests, a short bench, and that nothing
is left running. Exits 1 on any failure, and when no test ran.

  --only STEP   this step alone (may be repeated)
  --json        the result as one JSON object on standard output; the lines for people go to standard error
`;
const ROOT = resolve(import.meta.dirname, "..");

async function main(): Promise<number> {
  const steps = gateSteps(ROOT);
  const options = {
    only: { type: "string", multiple: true },
    json: { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  const { values } = parseArgs({ options });
  const unknown = values.only?.find((name) => !steps.some((step) => step.name === name));
  if (values.help) return say(HELP, 0);
  if (unknown !== undefined)
    return say(`Cannot run step "${unknown}": it must be one of ${steps.map(({ name }) => name).join(", ")}\n`, 2);
  if (Number(process.versions.node.split(".")[0]) < 24)
    return say(`Cannot run the gate as Node must be 24 or later: current version is ${process.versions.node}\n`, 2);
  const stop = new AbortController();
  let interrupted = 0;
  const onSignal = (_name: NodeJS.Signals, number: number) => {
    interrupted = 128 + number;
    stop.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  const result = await runGate({
    root: ROOT,
    steps: steps.filter(({ name }) => values.only?.includes(name) ?? true),
    signal: stop.signal,
    tell: (line) => (values.json ? process.stderr : process.stdout).write(`${line}\n`),
  });
  process.stdout.write(values.json ? `${JSON.stringify(withoutOutput(result))}\n` : closing(result));
  return interrupted || (result.failed > 0 || result.passed === 0 ? 1 : 0);
}

function say(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}

function closing({ passed, failed, skipped, failures, skips }: GateResult): string {
  const list = (title: string, lines: string[]) =>
    lines.length > 0 ? `\n${title}\n${lines.map((line) => `  ${line}\n`).join("")}` : "";
  return `${list("Skipped:", skips)}${list("Failed:", failures)}\n${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}

function withoutOutput({ steps, ...sums }: GateResult): object {
  return { ...sums, steps: steps.map(({ output: _output, ...step }) => step) };
}

process.exitCode = await main();
