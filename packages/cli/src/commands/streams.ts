import { type AppliedChange, applyStreams, planStreams, type StreamChange } from "@gatehouse/runtime";
import { mesh } from "@gatehouse/streams";
import { Command } from "commander";
import { withBroker } from "../broker.ts";
import type { Context } from "../context.ts";
import { loadSettings } from "../settings.ts";
import { paintFor } from "../terminal/paint.ts";
import { streamSettings } from "../up/stream-room.ts";
import { configOption, homeDir, homeOption, jsonOption } from "./options.ts";

interface Options {
  home: string;
  config?: string;
  json: boolean;
  force?: boolean;
}

const HELP = `
On the broker of NATS_URL, else of the Gatehouse that runs in the home.

Examples:
  gatehouse streams plan
  gatehouse streams apply
  gatehouse streams apply --force           also when stored messages are deleted by it`;

export function streamsCommand(context: Context): Command {
  const streams = new Command("streams").description("streams and consumers, as declared").addHelpText("after", HELP);
  const verb = (name: string, description: string) =>
    streams
      .command(name)
      .description(description)
      .addOption(homeOption())
      .addOption(configOption())
      .addOption(jsonOption())
      .addHelpText("after", `\nExample:\n  gatehouse streams ${name}`);
  verb("plan", "what apply would change").action((options: Options) => plan(context, options));
  verb("apply", "make the broker have what is declared; twice in a row changes nothing")
    .option("--force", "also what deletes stored messages or makes a consumer anew")
    .action((options: Options) => apply(context, options));
  return streams;
}

async function plan(context: Context, options: Options): Promise<void> {
  const changes = await withBroker(context, homeDir(context, options), "plan the streams", (bus) =>
    planStreams(bus.manager, declared(context, options)),
  );
  show(context, changes, options.json, "Nothing to change");
}

async function apply(context: Context, options: Options): Promise<void> {
  const { force = false } = options;
  const changes = await withBroker(context, homeDir(context, options), "apply the streams", (bus) =>
    applyStreams(bus, declared(context, options), { force }),
  );
  show(context, changes, options.json, "Nothing was changed: the broker has what is declared");
}

function declared({ env, cwd }: Context, { config }: Options) {
  return mesh(streamSettings(loadSettings({ file: config, env, cwd })));
}

function show({ out }: Context, changes: readonly AppliedChange[], json: boolean, none: string): void {
  if (json) return void out.write(`${JSON.stringify({ changes })}\n`);
  const paint = paintFor(out);
  for (const change of changes) out.write(`${paint(change.destructive ? "red" : "reset", lineOf(change))}\n`);
  if (changes.length === 0) out.write(`${none}\n`);
}

function lineOf({ what, name, action, fields, note, again }: StreamChange & { again?: number }): string {
  const changed = fields.map(({ field, from, to }) => `${field} ${JSON.stringify(from)} -> ${JSON.stringify(to)}`);
  const repeated = again === undefined ? [] : [`delivers ${again} messages again`];
  const rest = [...changed, ...(note === null ? [] : [note]), ...repeated].join("; ");
  return `${action} ${what} ${name}${rest ? `: ${rest}` : ""}`;
}
