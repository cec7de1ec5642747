import { askServers, type RunFile, type ServerReport } from "@gatehouse/local";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { askDeadLetters, type DeadLetterSummary, summaryText } from "../dead-letters/summary.ts";
import { EXIT, Quit } from "../exit.ts";
import { assertRunning } from "../running.ts";
import { paintFor } from "../terminal/paint.ts";
import { serversText, servicesText } from "../terminal/status-text.ts";
import { askReadiness, type ProcessReadiness } from "../up/ask-readiness.ts";
import { homeDir, homeOption, jsonOption } from "./options.ts";

const HELP = `
Ends with 1 when a service is not ready.

Examples:
  gatehouse status
  gatehouse status --json | jq .status`;

export function statusCommand(context: Context): Command {
  return new Command("status")
    .description("how every service and backing server is, and what was given up")
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (options: { home: string; json: boolean }) => {
      const status = await statusOf(assertRunning(homeDir(context, options), "ask for its status"));
      if (options.json) context.out.write(`${JSON.stringify(status)}\n`);
      else show(context, status);
      if (status.status === "not_ready") throw new Quit(EXIT.failed);
    });
}

interface Status {
  /** The worst service decides: each knows which servers it needs. */
  status: "ready" | "degraded" | "not_ready";
  gateway_url: string;
  pid: number;
  processes: ProcessReadiness[];
  servers: ServerReport[];
  /** Null when the gateway does not answer. */
  dead_letters: DeadLetterSummary | null;
}

async function statusOf(run: RunFile): Promise<Status> {
  const [processes, servers, dead_letters] = await Promise.all([
    askReadiness(run.processes),
    askServers(run),
    askDeadLetters(run),
  ]);
  return { status: worst(processes), gateway_url: run.gateway_url, pid: run.pid, processes, servers, dead_letters };
}

function worst(processes: readonly ProcessReadiness[]): Status["status"] {
  const all = processes.flatMap(({ services }) => services.map(({ status }) => status));
  if (all.length === 0 || all.includes("not_ready")) return "not_ready";
  return all.includes("degraded") ? "degraded" : "ready";
}

function show({ out }: Context, { processes, servers, dead_letters, gateway_url }: Status): void {
  const paint = paintFor(out);
  out.write(`${servicesText(processes, paint)}\n${serversText(servers, paint)}\n`);
  out.write(summaryText(dead_letters));
  if (gateway_url) out.write(`Gateway: ${gateway_url}\n`);
}
