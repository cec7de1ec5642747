import type { CameraEvent } from "@gatehouse/events";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Context } from "../context.ts";
import { findGateway } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { eventLine } from "../terminal/event-line.ts";
import { paintFor } from "../terminal/paint.ts";
import { homeDir, homeOption, jsonOption, wholeNumber } from "./options.ts";
import { readTime } from "./read-time.ts";

interface Options {
  home: string;
  json: boolean;
  camera?: string;
  label?: string;
  level?: string;
  minScore?: number;
  since?: number;
  until?: number;
  text?: string;
  limit: number;
  cursor?: string;
}

interface Page {
  items: CameraEvent[];
  next_cursor: string | null;
}

const HELP = `
Times: 10m, 2h, 3d (so long ago) or 2026-11-21T08:00.

Examples:
  gatehouse events --since 2h --level high
  gatehouse events --camera front-door --text "red van" --json`;

export function eventsCommand(context: Context): Command {
  return new Command("events")
    .description("list what happened, newest first")
    .option("--camera <id>", "of one camera")
    .option("--label <label>", "with a person, a car, …")
    .addOption(new Option("--level <level>", "of one risk level").choices(["low", "medium", "high", "critical"]))
    .addOption(new Option("--min-score <n>", "from this risk score on").argParser(wholeNumber(0, 100)))
    .option("--since <time>", "begun at or after", timeArgument)
    .option("--until <time>", "begun before", timeArgument)
    .option("--text <words>", "words of the summary")
    .addOption(new Option("--limit <n>", "at most so many").argParser(wholeNumber(1, 200)).default(20))
    .option("--cursor <cursor>", "go on where a list ended")
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action((options: Options) => listEvents(context, options));
}

async function listEvents(context: Context, options: Options): Promise<void> {
  const { out } = context;
  const access = findGateway(context, homeDir(context, options), "list events");
  const { camera: camera_id, minScore: min_score, since: since_ms, until: until_ms } = options;
  const { label, level, text, limit, cursor } = options;
  const query = { camera_id, label, level, min_score, since_ms, until_ms, text, limit, cursor };
  const page = await askGateway<Page>(access, "/api/events", { query, signal: context.interrupts.first });
  if (options.json) return void out.write(`${JSON.stringify(page)}\n`);
  const paint = paintFor(out);
  for (const event of page.items)
    out.write(
      `${eventLine({ event, state: event.ended_at_ms === null ? "goes on" : "ended", time_ms: event.started_at_ms }, paint, out.columns)}\n`,
    );
  if (page.items.length === 0) out.write("No events\n");
  if (page.next_cursor) out.write(paint("dim", `More: --cursor ${page.next_cursor}\n`));
}

function timeArgument(text: string): number {
  const time_ms = readTime(text, Date.now());
  if (time_ms === null) throw new InvalidArgumentError("must be like 10m, 2h, 3d or 2026-11-21T08:00");
  return time_ms;
}
