import { jsonSchema, printConfig } from "@gatehouse/runtime";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { allSections, loadSettings } from "../settings.ts";
import { configOption, jsonOption } from "./options.ts";

interface Options {
  config?: string;
  json: boolean;
  schema?: boolean;
}

const HELP = `
Examples:
  gatehouse config check
  GATEHOUSE_BATCHING__IDLE_S=5 gatehouse config print
  gatehouse config print --schema > gatehouse.schema.json`;

export function configCommand(context: Context): Command {
  const command = new Command("config").description("the configuration in effect").addHelpText("after", HELP);
  command
    .command("check")
    .description("look for faults and missing secrets; ends with 1 when there are any")
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExample:\n  gatehouse config check --config site.yaml")
    .action((options: Options) => {
      loadSettings({ ...sourceOf(context, options), secrets: true });
      context.out.write(options.json ? `${JSON.stringify({ ok: true })}\n` : "The configuration fits\n");
    });
  command
    .command("print")
    .description("file, environment and defaults together, as YAML")
    .addOption(configOption())
    .addOption(jsonOption())
    .option("--schema", "the JSON Schema of gatehouse.yaml instead, for editors")
    .addHelpText("after", "\nExample:\n  gatehouse config print --json | jq .batching")
    .action((options: Options) => {
      const text = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
      if (options.schema) return void context.out.write(text(jsonSchema(allSections)));
      const settings = loadSettings(sourceOf(context, options));
      context.out.write(options.json ? text(settings) : printConfig(settings));
    });
  return command;
}

const sourceOf = ({ env, cwd }: Context, { config }: Options) => ({ file: config, env, cwd });
