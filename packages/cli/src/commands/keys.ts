import { createKey, type KeyRow, listKeys, type Role, revokeKey } from "@gatehouse/store";
import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { databaseUrl, withDatabase } from "../database.ts";
import { UsageError } from "../errors.ts";
import { paintFor } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";
import { assertKey } from "./assert-key.ts";
import { homeDir, homeOption, jsonOption } from "./options.ts";

interface Options {
  home: string;
  json: boolean;
}
interface CreateOptions extends Options {
  role: Role;
  user?: string;
  subjects: string[];
  label?: string;
}

const HELP = `
In the database of DATABASE_URL, else of the Gatehouse that runs in the home.

Examples:
  gatehouse keys create --role viewer --label "kitchen tablet"
  gatehouse keys create --user ann --subjects 'camera.*.event.>,alert.>'
  gatehouse keys list
  gatehouse keys revoke 6f1c…`;

export function keysCommand(context: Context): Command {
  const keys = new Command("keys").description("keys to the doors").addHelpText("after", HELP);
  const verb = (name: string, description: string, example: string) =>
    keys
      .command(name)
      .description(description)
      .addOption(homeOption())
      .addOption(jsonOption())
      .addHelpText("after", `\nExample:\n  gatehouse keys ${example}`);
  verb("create", "make a key; it is shown once", "create --role operator --label gate-app")
    .addOption(new Option("--role <role>", "what it may do").choices(["viewer", "operator", "admin"]).default("viewer"))
    .option("--user <id>", "whose key it is")
    .addOption(
      new Option("--subjects <pattern...>", "subjects that it may also publish and follow; commas may part them")
        .argParser(addSubjects)
        .default([], "none"),
    )
    .option("--label <text>", "what people call it")
    .action((options: CreateOptions) => create(context, options));
  verb("list", "all keys, without their secrets", "list").action((options: Options) => list(context, options));
  verb("revoke", "end a key for good", "revoke 6f1c…")
    .argument("<id>", "as keys list shows it; its beginning is enough")
    .action((id: string, options: Options) => revoke(context, id, options));
  return keys;
}

/** `a,b`, `a b` and `--subjects a --subjects b` say the same. */
function addSubjects(text: string, before: readonly string[]): string[] {
  return [...before, ...text.split(",").map((subject) => subject.trim())];
}

async function create(context: Context, options: CreateOptions): Promise<void> {
  const { role, user, subjects, label = user ?? role, json } = options;
  assertKey(options);
  const url = databaseUrl(context, homeDir(context, options), "make a key");
  const { key, secret } = await withDatabase(url, (db) =>
    createKey(db, { role, user_id: user ?? null, subjects, label }),
  );
  if (json) return void context.out.write(`${JSON.stringify({ ...key, secret })}\n`);
  context.out.write(`${secret}\n`);
  context.err.write(
    paintFor(context.err)("dim", `Shown once. Key ${key.key_id}, ${role}${user ? ` of ${user}` : ""}\n`),
  );
}

async function list(context: Context, options: Options): Promise<void> {
  const url = databaseUrl(context, homeDir(context, options), "list keys");
  const keys = await withDatabase(url, listKeys);
  if (options.json) return void context.out.write(`${JSON.stringify({ items: keys, next_cursor: null })}\n`);
  const head = ["key", "role", "user", "label", "made", "last used", "state", "subjects"];
  context.out.write(table(head, keys.map(rowOf), paintFor(context.out)));
}

function rowOf({
  key_id,
  role,
  user_id,
  label,
  created_at_ms,
  last_used_at_ms,
  revoked_at_ms,
  subjects,
}: KeyRow): string[] {
  const day = (at_ms: number | null) => (at_ms === null ? "-" : new Date(at_ms).toISOString().slice(0, 16));
  const state = revoked_at_ms === null ? "valid" : "revoked";
  return [key_id, role, user_id ?? "-", label, day(created_at_ms), day(last_used_at_ms), state, subjects.join(" ")];
}

async function revoke(context: Context, id: string, options: Options): Promise<void> {
  const url = databaseUrl(context, homeDir(context, options), "revoke a key");
  const key_id = await withDatabase(url, async (db) => {
    const found = (await listKeys(db)).filter((key) => key.key_id.startsWith(id));
    if (found.length !== 1)
      throw new UsageError(
        `Cannot revoke key "${id}" as it must be one that gatehouse keys list shows: ${found.length} begin so`,
      );
    await revokeKey(db, found[0]!.key_id);
    return found[0]!.key_id;
  });
  context.out.write(options.json ? `${JSON.stringify({ key_id })}\n` : `Revoked ${key_id}\n`);
}
