import { resolve } from "node:path";
import { asyncApi, checkContracts, contractsOf, eventTypes } from "@gatehouse/events";
import { mesh } from "@gatehouse/streams";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { EXIT, Quit } from "../exit.ts";
import { paintFor } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";
import { jsonOption } from "./options.ts";

interface Options {
  asyncapi?: boolean;
  check?: boolean;
  json: boolean;
}

/** Where the committed contracts are. */
const FOLDER = resolve(import.meta.dirname, "../../../events");
const HELP = `
Examples:
  gatehouse contracts                       every event with its subject
  gatehouse contracts --json                their JSON Schemas, by subject
  gatehouse contracts --asyncapi > asyncapi.json
  gatehouse contracts --check               ends with 1 when a promise is broken`;

export function contractsCommand(context: Context): Command {
  return new Command("contracts")
    .description("what is promised on each subject")
    .option("--asyncapi", "as an AsyncAPI document")
    .option("--check", "compare with the committed ones")
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((options: Options) => (options.check ? check(context, options) : show(context, options)));
}

function show({ out }: Context, { asyncapi, json }: Options): void {
  if (asyncapi) return void out.write(`${JSON.stringify(asyncApi({ streams: mesh().streams }), null, 2)}\n`);
  if (json) return void out.write(`${JSON.stringify(contractsOf(eventTypes), null, 2)}\n`);
  const rows = eventTypes.map(({ name, subject, summary }) => [subject, name, summary]);
  out.write(table(["subject", "event", "what it says"], rows, paintFor(out)));
}

async function check({ out, err }: Context, { json }: Options): Promise<void> {
  const faults = await checkContracts(FOLDER, eventTypes);
  if (json) out.write(`${JSON.stringify({ ok: faults.length === 0, faults })}\n`);
  else for (const fault of faults) err.write(`${fault}\n`);
  if (faults.length > 0) throw new Quit(EXIT.failed);
  if (!json) out.write("The contracts are kept\n");
}
