import { randomUUID } from "node:crypto";
import { Command, Option } from "commander";
import type { Context } from "../context.ts";
import { type Access, findGateway } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { readJson, readWords } from "../pipelines/parameters.ts";
import { catalogueText, runsText, runText } from "../pipelines/run-texts.ts";
import {
  isOver,
  type KnownPipeline,
  type KnownRun,
  type ListedRun,
  PIPELINES,
  pathOf,
  RUNS,
  type RunState,
  STATES,
} from "../pipelines/runs.ts";
import { watchRun } from "../pipelines/watch-run.ts";
import { paintFor } from "../terminal/paint.ts";
import { idArgument } from "./id-argument.ts";
import { homeDir, homeOption, jsonOption, wholeNumber } from "./options.ts";

interface Options {
  home: string;
  json: boolean;
}
interface RunOptions extends Options {
  parameters?: string;
  requestId?: string;
  wait: boolean;
}
interface ListOptions extends Options {
  pipeline?: string;
  state?: string;
  limit: number;
  cursor?: string;
}

const HELP = `
A pipeline runs on Argo Workflows, on Kubeflow Pipelines or on this machine; gatehouse.yaml says which. One request_id is
one run, however often it is asked for and whatever is killed meanwhile.

Examples:
  gatehouse pipelines catalogue
  gatehouse pipelines run document-ingestion collection=house path=manuals --wait
  gatehouse pipelines list --state running
  gatehouse pipelines status r-1 --follow`;
const RUN_HELP = `
key=value is text or a number where the pipeline's schema says so; else a number, true, false or JSON where it is one.
--wait shows how the run goes on, and what it waits for; ends with 0 only when it succeeded. Ctrl-C stops looking, the
run goes on.

Examples:
  gatehouse pipelines run batch-inference model=yolo11n threshold=0.4 --wait
  gatehouse pipelines run model-evaluation --parameters @evaluation.json
  gatehouse pipelines run document-ingestion path=notes --request-id nightly-2026-11-21`;

export function pipelinesCommand(context: Context): Command {
  const pipelines = new Command("pipelines")
    .description("run pipelines and see how they go")
    .addHelpText("after", HELP);
  const verb = (name: string, description: string, help: string) =>
    pipelines
      .command(name)
      .description(description)
      .addOption(homeOption())
      .addOption(jsonOption())
      .addHelpText("after", help);
  const example = (line: string) => `\nExample:\n  gatehouse pipelines ${line}`;
  verb("run", "run one", RUN_HELP)
    .argument("<name>", "as the catalogue calls it")
    .argument("[key=value...]", "its parameters")
    .option("--parameters <json>", "all parameters as JSON, or @ and a file")
    .addOption(
      new Option("--request-id <id>", "names the run: asked for again, it does not run again").argParser(idArgument),
    )
    .option("--wait", "until it is over; ends with 0 only when it succeeded", false)
    .action((name: string, words: string[], options: RunOptions) => run(context, name, words, options));
  verb("list", "runs, newest first", example("list --pipeline batch-inference --state failed"))
    .option("--pipeline <name>", "of one pipeline")
    .addOption(new Option("--state <state>", "that are so now").choices(STATES))
    .addOption(new Option("--limit <n>", "at most so many").argParser(wholeNumber(1, 200)).default(20))
    .option("--cursor <cursor>", "go on where a list ended")
    .action((options: ListOptions) => list(context, options));
  verb("status", "one run, with all that was told of it", example("status r-1 --follow"))
    .argument("<request_id>", "names the run", idArgument)
    .option("--follow", "until it is over; ends with 0 only when it succeeded", false)
    .action((id: string, options: Options & { follow: boolean }) => status(context, id, options));
  verb("cancel", "end a run", example("cancel r-1"))
    .argument("<request_id>", "names the run", idArgument)
    .action((id: string, options: Options) => cancel(context, id, options));
  verb("retry", "have a run that failed go on", example("retry r-1 --wait"))
    .argument("<request_id>", "names the run", idArgument)
    .option("--wait", "until it is over; ends with 0 only when it succeeded", false)
    .action((id: string, options: Options & { wait: boolean }) => retry(context, id, options));
  verb("catalogue", "what can be run, and what is missing", example("catalogue")).action((options: Options) =>
    catalogue(context, options),
  );
  return pipelines;
}

const access = (context: Context, options: Options, action: string): Access =>
  findGateway(context, homeDir(context, options), action);

async function run(context: Context, name: string, words: readonly string[], options: RunOptions): Promise<void> {
  const { out, cwd } = context;
  const { json, wait, requestId: request_id = `cli-${randomUUID()}` } = options;
  const given = options.parameters === undefined ? {} : await readJson(options.parameters, cwd);
  const gateway = access(context, options, "run a pipeline");
  const schema = words.length > 0 ? await schemaOf(gateway, name) : null;
  const body = { request_id, parameters: { ...given, ...readWords(words, schema) } };
  const path = `${PIPELINES}/${encodeURIComponent(name)}/runs`;
  const taken = await askGateway<{ request_id: string; duplicate: boolean }>(gateway, path, { method: "POST", body });
  if (json) out.write(`${JSON.stringify(taken)}\n`);
  else out.write(`${paintFor(out)("bold", request_id)}${taken.duplicate ? "  was asked for before" : ""}\n`);
  if (wait) return watchRun(context, gateway, { request_id, after_seq: -1, json });
  if (!json)
    context.err.write(
      paintFor(context.err)("dim", `gatehouse pipelines status ${request_id} --follow shows how it goes\n`),
    );
}

async function schemaOf(gateway: Access, name: string): Promise<KnownPipeline["parameters"]> {
  const { items } = await askGateway<{ items: KnownPipeline[] }>(gateway, PIPELINES);
  return items.find((one) => one.name === name)?.parameters ?? null;
}

async function list(context: Context, options: ListOptions): Promise<void> {
  const { out } = context;
  const { pipeline, state, limit, cursor, json } = options;
  const query = { pipeline, state, limit, cursor };
  const gateway = access(context, options, "list runs");
  const page = await askGateway<{ items: ListedRun[]; next_cursor: string | null }>(gateway, RUNS, { query });
  if (json) return void out.write(`${JSON.stringify(page)}\n`);
  const paint = paintFor(out);
  out.write(
    page.items.length === 0
      ? "No runs: gatehouse pipelines catalogue shows what can be run\n"
      : runsText(page.items, paint),
  );
  if (page.next_cursor) out.write(paint("dim", `More: --cursor ${page.next_cursor}\n`));
}

async function status(context: Context, request_id: string, options: Options & { follow: boolean }): Promise<void> {
  const { out } = context;
  const gateway = access(context, options, "look at a run");
  const known = await askGateway<KnownRun>(gateway, pathOf(request_id));
  if (options.follow) return watchRun(context, gateway, { request_id, after_seq: -1, json: options.json });
  out.write(options.json ? `${JSON.stringify(known)}\n` : runText(known, paintFor(out)));
}

async function cancel(context: Context, request_id: string, options: Options): Promise<void> {
  const { out } = context;
  const gateway = access(context, options, "cancel a run");
  const path = `${pathOf(request_id)}/cancel`;
  const asked = await askGateway<{ state: RunState | null }>(gateway, path, { method: "POST" });
  if (options.json) return void out.write(`${JSON.stringify(asked)}\n`);
  if (asked.state !== null && isOver(asked.state)) return void out.write(`${request_id} has ended: ${asked.state}\n`);
  out.write(`${request_id} is to end; gatehouse pipelines status ${request_id} --follow shows when it has\n`);
}

async function retry(
  context: Context,
  request_id: string,
  { wait, ...options }: Options & { wait: boolean },
): Promise<void> {
  const { out } = context;
  const { json } = options;
  const gateway = access(context, options, "retry a run");
  const { statuses } = await askGateway<KnownRun>(gateway, pathOf(request_id));
  const asked = await askGateway<{ attempt: number }>(gateway, `${pathOf(request_id)}/retry`, { method: "POST" });
  out.write(json ? `${JSON.stringify(asked)}\n` : `${request_id} goes on, attempt ${asked.attempt}\n`);
  if (wait) await watchRun(context, gateway, { request_id, after_seq: statuses.at(-1)?.seq ?? -1, json });
}

async function catalogue(context: Context, options: Options): Promise<void> {
  const { out } = context;
  const known = await askGateway<{ items: KnownPipeline[] }>(access(context, options, "list pipelines"), PIPELINES);
  out.write(options.json ? `${JSON.stringify(known)}\n` : catalogueText(known.items, paintFor(out)));
}
