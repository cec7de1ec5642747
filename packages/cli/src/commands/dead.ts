import type { OnlyCounted } from "@gatehouse/store";
import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { onlyCountedLine } from "../dead-letters/summary.ts";
import { UsageError } from "../errors.ts";
import { type Access, findGateway } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { when } from "../terminal/event-line.ts";
import { paintFor } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";
import { homeDir, homeOption, jsonOption, wholeNumber } from "./options.ts";

interface Options {
  home: string;
  json: boolean;
}
interface Which extends Options {
  service?: string;
  code?: string;
  all?: boolean;
}
interface DeadLetter {
  seq: number;
  service: string;
  code: string;
  reason: string;
  subject: string;
  dead_at_ms: number;
}
interface Page {
  items: DeadLetter[];
  next_cursor: string | null;
  /** What came beyond 100 of a camera and code in an hour. */
  only_counted: OnlyCounted[];
}
interface Redriven {
  redriven: number[];
  refused: { seq: number; code: string; message: string }[];
  more: boolean;
  next_cursor: string | null;
}

const PATH = "/api/dead-letters";
const HELP = `
Examples:
  gatehouse dead list --service detection-ingest
  gatehouse dead show 17
  gatehouse dead redrive 17 18
  gatehouse dead redrive --code DETECTOR_DOWN
  gatehouse dead discard 17`;

export function deadCommand(context: Context): Command {
  const dead = new Command("dead").description("messages that were given up").addHelpText("after", HELP);
  const verb = (name: string, description: string, example: string) =>
    dead
      .command(name)
      .description(description)
      .addOption(homeOption())
      .addOption(jsonOption())
      .addHelpText("after", `\nExample:\n  gatehouse dead ${example}`);
  const list = verb("list", "newest first", "list --code NOT_AN_IMAGE");
  filtered(list)
    .addOption(new Option("--limit <n>", "at most so many").argParser(wholeNumber(1, 200)).default(20))
    .option("--cursor <cursor>", "go on where a list ended")
    .action((options: Which & { limit: number; cursor?: string }) => listLetters(context, options));
  verb("show", "one, whole", "show 17")
    .argument("<seq>", "its number", wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .action((seq: number, options: Options) => show(context, seq, options));
  const redrive = verb("redrive", "hand them to their service again", "redrive --service enrichment");
  filtered(redrive)
    .argument("[seq...]", "their numbers")
    .option("--all", "every one, 500 at most")
    .action((seqs: string[], options: Which) => redriveLetters(context, seqs, options));
  verb("discard", "throw them away", "discard 17 18")
    .argument("<seq...>", "their numbers")
    .action((seqs: string[], options: Options) => discard(context, seqs, options));
  return dead;
}

function filtered(command: Command): Command {
  return command.option("--service <name>", "of one service").option("--code <code>", "with one error code");
}

const access = (context: Context, options: Options): Access =>
  findGateway(context, homeDir(context, options), "look at dead letters");

async function listLetters(context: Context, options: Which & { limit: number; cursor?: string }): Promise<void> {
  const { out } = context;
  const { service, code, limit, cursor } = options;
  const query = { service, code, limit, cursor };
  const page = await askGateway<Page>(access(context, options), PATH, { query });
  if (options.json) return void out.write(`${JSON.stringify(page)}\n`);
  const rows = page.items.map((one) => [
    String(one.seq),
    when(one.dead_at_ms),
    one.service,
    one.code,
    one.subject,
    one.reason,
  ]);
  if (rows.length === 0) out.write("No dead letters\n");
  else out.write(table(["seq", "time", "service", "code", "subject", "reason"], rows, paintFor(out)));
  if (!cursor) for (const one of page.only_counted) out.write(paintFor(out)("yellow", onlyCountedLine(one)));
  if (page.next_cursor) out.write(paintFor(out)("dim", `More: --cursor ${page.next_cursor}\n`));
}

async function show(context: Context, seq: number, options: Options): Promise<void> {
  const letter = await askGateway<object>(access(context, options), `${PATH}/${seq}`);
  context.out.write(`${JSON.stringify(letter, null, options.json ? 0 : 2)}\n`);
}

async function redriveLetters(context: Context, seqs: readonly string[], options: Which): Promise<void> {
  const { out } = context;
  const { service, code, all = false, json } = options;
  const gateway = access(context, options);
  if (seqs.length === 0) {
    if (!service && !code && !all)
      throw new UsageError("Cannot redrive as numbers, --service, --code or --all must be given");
    const done = await redriveMany(gateway, { service, code, all });
    if (json) return void out.write(`${JSON.stringify(done)}\n`);
    out.write(`Redriven: ${done.redriven.length}${done.more ? ", and there are more" : ""}\n`);
    for (const refused of done.refused) out.write(`${refused.seq} stays: ${refused.message}\n`);
    return;
  }
  for (const seq of numbers(seqs)) {
    const done = await askGateway<object>(gateway, `${PATH}/${seq}/redrive`, { method: "POST" });
    out.write(json ? `${JSON.stringify(done)}\n` : `Redriven ${seq}\n`);
  }
}

/** Goes on from page to page until something was redriven, or there is no more. */
async function redriveMany(gateway: Access, filter: object): Promise<Redriven> {
  const refused: Redriven["refused"] = [];
  let cursor: string | undefined;
  while (true) {
    const body = { ...filter, cursor };
    const done = await askGateway<Redriven>(gateway, `${PATH}/redrive`, { method: "POST", body });
    refused.push(...done.refused);
    if (done.redriven.length > 0 || done.next_cursor === null) return { ...done, refused };
    cursor = done.next_cursor;
  }
}

async function discard(context: Context, seqs: readonly string[], options: Options): Promise<void> {
  const gateway = access(context, options);
  for (const seq of numbers(seqs)) {
    await askGateway<null>(gateway, `${PATH}/${seq}`, { method: "DELETE" });
    context.out.write(options.json ? `${JSON.stringify({ seq })}\n` : `Discarded ${seq}\n`);
  }
}

/** All numbers are looked at before anything is done. @throws {UsageError} */
function numbers(seqs: readonly string[]): number[] {
  const wrong = seqs.find((seq) => !/^[1-9]\d{0,14}$/.test(seq));
  if (wrong !== undefined)
    throw new UsageError(`Cannot find a dead letter as its number must be one that dead list shows: it is "${wrong}"`);
  return seqs.map(Number);
}
