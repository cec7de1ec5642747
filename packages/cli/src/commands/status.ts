import { Command } from "commander";
import type { Context } from "../context.ts";
import { EXIT, Quit } from "../exit.ts";
import { assertRunning } from "../running.ts";
import { type Colour, paintFor } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";
import { askReadiness, type ProcessReadiness } from "../up/ask-readiness.ts";
import { homeDir, homeOption, jsonOption } from "./options.ts";

const HELP = `
Ends with 1 when a service is not ready.

Examples:
  gatehouse status
  gatehouse status --json | jq .status`;

const COLOURS: Record<string, Colour> = { ready: "green", degraded: "yellow", not_ready: "red" };

export function statusCommand(context: Context): Command {
  return new Command("status")
    .description("how every service is")
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (options: { home: string; json: boolean }) => {
      const { gateway_url, pid, processes } = assertRunning(homeDir(context, options), "ask for its status");
      const answers = await askReadiness(processes);
      const status = worst(answers);
      if (options.json) context.out.write(`${JSON.stringify({ status, gateway_url, pid, processes: answers })}\n`);
      else show(context, gateway_url, answers);
      if (status === "not_ready") throw new Quit(EXIT.failed);
    });
}

/** The worst service decides. */
function worst(answers: readonly ProcessReadiness[]): "ready" | "degraded" | "not_ready" {
  const all = answers.flatMap(({ services }) => services.map(({ status }) => status));
  if (all.length === 0 || all.includes("not_ready")) return "not_ready";
  return all.includes("degraded") ? "degraded" : "ready";
}

function show({ out }: Context, gateway_url: string, answers: readonly ProcessReadiness[]): void {
  const paint = paintFor(out);
  const services = answers.flatMap(({ pid, services }) => services.map((service) => ({ pid, ...service })));
  const rows = services.map(({ service, status, pid, reasons }) => [
    service,
    status.replace("_", " "),
    String(pid),
    reasons.map(({ message }) => message).join("; "),
  ]);
  const [head = "", ...lines] = table(["service", "status", "process", "why"], rows, paint).trimEnd().split("\n");
  const coloured = lines.map((line, i) => paint(COLOURS[services[i]!.status] ?? "reset", line));
  out.write(`${[head, ...coloured].join("\n")}\n`);
  if (gateway_url) out.write(`\nGateway: ${gateway_url}\n`);
}
