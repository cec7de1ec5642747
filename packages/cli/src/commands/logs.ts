import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { type LogLine, readLogLine, showLogLine } from "../logs/log-line.ts";
import { LogTail } from "../logs/log-tail.ts";
import { paintFor } from "../terminal/paint.ts";
import { homeDir, homeOption, jsonOption, wholeNumber } from "./options.ts";

interface Options {
  home: string;
  follow: boolean;
  lines: number;
  json: boolean;
}

const SERVERS = ["nats", "postgres", "redis"];
const LOOK_MS = 250;
const HELP = `
Without a service: those of all services. nats, postgres and redis have logs of their own.

Examples:
  gatehouse logs -f
  gatehouse logs enrichment -n 500
  gatehouse logs postgres`;

export function logsCommand(context: Context): Command {
  return new Command("logs")
    .description("what services and servers have logged")
    .argument("[service]", "of one service or server")
    .option("-f, --follow", "go on until Ctrl-C", false)
    .addOption(
      new Option("-n, --lines <n>", "at most so many to begin with").argParser(wholeNumber(0, 100_000)).default(100),
    )
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((service: string | undefined, options: Options) => showLogs(context, service, options));
}

async function showLogs(context: Context, service: string | undefined, options: Options): Promise<void> {
  const folder = join(homeDir(context, options), "logs");
  const tails = new Map<string, LogTail>();
  const first = readNew(folder, service, tails);
  if (first.length === 0 && !options.follow) throw new UsageError(noLines(folder, service));
  show(context, options.lines === 0 ? [] : first.slice(-options.lines), options.json);
  const signal = context.interrupts.first;
  while (options.follow && !signal.aborted) {
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    show(context, readNew(folder, service, tails), options.json);
  }
}

function noLines(folder: string, service: string | undefined): string {
  return `Cannot show logs as "${folder}" must hold some${service ? ` of "${service}"` : ""}: it has none`;
}

/** What was added to any log of interest since the last look, in the order of time. */
function readNew(folder: string, service: string | undefined, tails: Map<string, LogTail>): LogLine[] {
  const lines = namesIn(folder).flatMap((file) => {
    if (SERVERS.includes(file) ? file !== service : SERVERS.includes(service ?? "")) return [];
    const tail = tails.get(file) ?? new LogTail(join(folder, `${file}.log`));
    tails.set(file, tail);
    return tail.read().map((raw) => readLogLine(file, raw));
  });
  const wanted = lines.filter((line) => service === undefined || line.service === service || line.file === service);
  return wanted.sort((a, b) => (a.time_ms ?? 0) - (b.time_ms ?? 0));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => (name.endsWith(".log") ? name.slice(0, -".log".length) : []));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function show({ out }: Context, lines: readonly LogLine[], json: boolean): void {
  const paint = paintFor(out);
  for (const line of lines)
    out.write(
      `${json ? (line.fields ? line.raw : JSON.stringify({ service: line.service, msg: line.raw })) : showLogLine(line, paint)}\n`,
    );
}
