import { describeError, GatehouseError } from "@gatehouse/errors";
import { Command, CommanderError } from "commander";
import type { Context } from "./context.ts";
import { UsageError } from "./errors.ts";
import { EXIT, Quit } from "./exit.ts";
import { paintFor } from "./terminal/paint.ts";

type Verb = (context: Context) => Command;

/** Every verb, in the order of the help. Only what is asked for is loaded: most of them need little. */
const VERBS: Record<string, () => Promise<Verb>> = {
  up: async () => (await import("./commands/up.ts")).upCommand,
  down: async () => (await import("./commands/down.ts")).downCommand,
  login: async () => (await import("./commands/login.ts")).loginCommand,
  status: async () => (await import("./commands/status.ts")).statusCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  publish: async () => (await import("./commands/publish.ts")).publishCommand,
  watch: async () => (await import("./commands/watch.ts")).watchCommand,
  events: async () => (await import("./commands/events.ts")).eventsCommand,
  chat: async () => (await import("./commands/chat.ts")).chatCommand,
  docs: async () => (await import("./commands/docs.ts")).docsCommand,
  pipelines: async () => (await import("./commands/pipelines.ts")).pipelinesCommand,
  logs: async () => (await import("./commands/logs.ts")).logsCommand,
  config: async () => (await import("./commands/config.ts")).configCommand,
  keys: async () => (await import("./commands/keys.ts")).keysCommand,
  dead: async () => (await import("./commands/dead.ts")).deadCommand,
  gpu: async () => (await import("./commands/gpu.ts")).gpuCommand,
  streams: async () => (await import("./commands/streams.ts")).streamsCommand,
  migrate: async () => (await import("./commands/migrate.ts")).migrateCommand,
  contracts: async () => (await import("./commands/contracts.ts")).contractsCommand,
};

/** The `gatehouse` command with the verb that is asked for; with all of them when it is none. */
async function makeProgram(asked: string | undefined, context: Context): Promise<Command> {
  const program = new Command("gatehouse").description("Private AI for cameras, chat and voice");
  const names = asked !== undefined && Object.hasOwn(VERBS, asked) ? [asked] : Object.keys(VERBS);
  for (const name of names) program.addCommand((await VERBS[name]!())(context));
  const verbs = program.commands;
  for (const command of [program, ...verbs, ...verbs.flatMap(({ commands }) => commands)])
    command
      .exitOverride()
      // A verb within a verb has options of its own, also those that both have.
      .enablePositionalOptions()
      .showHelpAfterError("(--help shows how)")
      .configureOutput({ writeOut: (text) => context.out.write(text), writeErr: (text) => context.err.write(text) });
  return program;
}

/** Runs one command line and gives its exit code. Never rejects. */
export async function runProgram(args: readonly string[], context: Context): Promise<number> {
  try {
    await (await makeProgram(args[0], context)).parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof Quit) return error.exit_code;
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (context.interrupts.first.aborted && error === context.interrupts.first.reason) return EXIT.ok;
    return tellFailure(error, args, context);
  }
}

/** One clear line for what is known; a stack trace only for a bug, or when it is asked for. */
function tellFailure(error: unknown, args: readonly string[], { err }: Context): number {
  const { code, message } = describeError(error);
  const known = error instanceof GatehouseError;
  const line = known ? message : `Cannot go on as something went wrong inside: ${message}`;
  if (args.includes("--json")) err.write(`${JSON.stringify({ error: { code, message } })}\n`);
  else err.write(`${paintFor(err)("red", line)}\n`);
  if (args.includes("--verbose") || !known) err.write(`${(error as Error)?.stack ?? ""}\n`);
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}
