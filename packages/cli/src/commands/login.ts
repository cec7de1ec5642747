import { createLoginCode } from "@gatehouse/gateway";
import { adoptKey } from "@gatehouse/store";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { withDatabase } from "../database.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { assertRunning } from "../running.ts";
import { homeDir, homeOption, jsonOption } from "./options.ts";

const HELP = `
The browser is logged in as the key in <home>/admin.key.

Example:
  gatehouse login`;

export function loginCommand(context: Context): Command {
  return new Command("login")
    .description("make a link that logs a browser in, once, within 60 s")
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (options: { home: string; json: boolean }) => {
      const home = homeDir(context, options);
      const { gateway_url, admin_key, database_url, redis_url } = assertRunning(home, "log in");
      await askGateway({ url: gateway_url, key: admin_key }, "/api/session");
      const { key_id } = await withDatabase(database_url, (db) =>
        adoptKey(db, admin_key, { role: "admin", label: "admin.key" }),
      );
      const { path, expires_at_ms } = await createLoginCode(redis_url, key_id);
      const login_url = `${gateway_url}${path}`;
      context.out.write(options.json ? `${JSON.stringify({ login_url, expires_at_ms })}\n` : `${login_url}\n`);
    });
}
