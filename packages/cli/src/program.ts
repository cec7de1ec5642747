import { describeError, GatehouseError } from "@gatehouse/errors";
import { Command, CommanderError } from "commander";
import { configCommand } from "./commands/config.ts";
import { contractsCommand } from "./commands/contracts.ts";
import { deadCommand } from "./commands/dead.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { downCommand } from "./commands/down.ts";
import { eventsCommand } from "./commands/events.ts";
import { keysCommand } from "./commands/keys.ts";
import { logsCommand } from "./commands/logs.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { publishCommand } from "./commands/publish.ts";
import { statusCommand } from "./commands/status.ts";
import { streamsCommand } from "./commands/streams.ts";
import { upCommand } from "./commands/up.ts";
import { watchCommand } from "./commands/watch.ts";
import type { Context } from "./context.ts";
import { UsageError } from "./errors.ts";
import { EXIT, Quit } from "./exit.ts";
import { paintFor } from "./terminal/paint.ts";

const VERBS = [
  upCommand,
  downCommand,
  statusCommand,
  doctorCommand,
  migrateCommand,
  publishCommand,
  watchCommand,
  eventsCommand,
  configCommand,
  keysCommand,
  logsCommand,
  streamsCommand,
  deadCommand,
  contractsCommand,
];

/** The `gatehouse` command with all its verbs. */
export function makeProgram(context: Context): Command {
  const program = new Command("gatehouse")
    .description("Private AI for cameras, chat and voice")
    .showHelpAfterError("(--help shows how)");
  for (const verb of VERBS) program.addCommand(verb(context));
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
    command
      .exitOverride()
      .configureOutput({ writeOut: (text) => context.out.write(text), writeErr: (text) => context.err.write(text) });
  return program;
}

/** Runs one command line and gives its exit code. Never rejects. */
export async function runProgram(args: readonly string[], context: Context): Promise<number> {
  try {
    await makeProgram(context).parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof Quit) return error.exit_code;
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return tellFailure(error, args, context);
  }
}

function tellFailure(error: unknown, args: readonly string[], { err }: Context): number {
  const { code, message } = describeError(error);
  const known = error instanceof GatehouseError;
  if (args.includes("--json")) err.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else err.write(`${paintFor(err)("red", known ? message : `Cannot go on: ${message}`)}\n`);
  if (args.includes("--verbose") || !known) err.write(`${(error as Error)?.stack ?? ""}\n`);
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}
