import { once } from "node:events";
import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { showNews } from "../terminal/show-news.ts";
import type { Tell } from "../up/news.ts";
import { up } from "../up/up.ts";
import { configOption, homeDir, homeOption, jsonOption, wholeNumber } from "./options.ts";

interface Options {
  home: string;
  config?: string;
  port?: number;
  demo: boolean;
  split: boolean;
  json: boolean;
  verbose: boolean;
}

const HELP = `
Examples:
  gatehouse up                              everything, with two simulated cameras
  gatehouse up --no-demo --port 9000        without them, on another port
  gatehouse up --split                      a process per service; a killed one comes back`;

export function upCommand(context: Context): Command {
  return new Command("up")
    .description("start everything and show what happens, until Ctrl-C")
    .addOption(homeOption())
    .addOption(configOption())
    .addOption(new Option("--port <n>", "port of the gateway; 0: any free one").argParser(wholeNumber(0, 65_535)))
    .option("--no-demo", "without the simulated cameras")
    .option("--split", "a process per service, each started again when it ends", false)
    .addOption(jsonOption())
    .option("--verbose", "also show what the services log", false)
    .addHelpText("after", HELP)
    .action((options: Options) => runUp(context, options));
}

async function runUp(context: Context, options: Options): Promise<void> {
  const { out, env, cwd, interrupts } = context;
  const { first, second: hurry } = interrupts;
  const tell = options.json ? jsonNews(context) : showNews(out);
  const { home: _, config: file, port, ...flags } = options;
  const own = { ...flags, ...(port === undefined ? {} : { port }), home: homeDir(context, options) };
  let begin_ms = 0;
  const asked = (first.aborted ? Promise.resolve() : once(first, "abort")).then(() => {
    begin_ms = performance.now();
    tell({ what: "stopping", reason: String(first.reason) });
  });
  try {
    const running = await up({ ...own, file, env, cwd, tell, signal: first, hurry });
    await asked;
    await running.stop();
  } catch (error) {
    if (!first.aborted) throw error;
    await asked;
  }
  tell({ what: "stopped", took_ms: Math.round(performance.now() - begin_ms) });
}

function jsonNews({ out }: Context): Tell {
  return (news) => out.write(`${JSON.stringify({ time_ms: Date.now(), ...news })}\n`);
}
