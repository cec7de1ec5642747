import { migrate } from "@gatehouse/store";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { databaseUrl } from "../database.ts";
import { homeDir, homeOption, jsonOption } from "./options.ts";

const HELP = `
Of DATABASE_URL, else of the Gatehouse that runs in the home. Several may do it at once.

Example:
  DATABASE_URL=postgres://… gatehouse migrate`;

export function migrateCommand(context: Context): Command {
  return new Command("migrate")
    .description("bring the database up to date")
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (options: { home: string; json: boolean }) => {
      const migrations = await migrate(databaseUrl(context, homeDir(context, options), "migrate"));
      if (options.json) return void context.out.write(`${JSON.stringify({ migrations })}\n`);
      for (const name of migrations) context.out.write(`✓ ${name}\n`);
      if (migrations.length === 0) context.out.write("The database is up to date\n");
    });
}
