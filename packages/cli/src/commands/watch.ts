import { Command, InvalidArgumentError, Option } from "commander";
import type { Context } from "../context.ts";
import { findGateway } from "../gateway/access.ts";
import { assertCarried } from "../gateway/assert-carried.ts";
import { followGateway, type Heard } from "../gateway/follow-gateway.ts";
import type { From } from "../gateway/from.ts";
import { messageLine } from "../terminal/message-line.ts";
import { paintFor } from "../terminal/paint.ts";
import { homeDir, homeOption, jsonOption } from "./options.ts";
import { readTime } from "./read-time.ts";

interface Options {
  home: string;
  from: From;
  json: boolean;
}

const EVERY_EVENT = "camera.*.event.>";
const HELP = `
--from: new (default), all, a sequence such as 1201, or a time such as 10m, 2h, 2026-11-21T08:00
When the connection is lost it goes on with the next message: nothing is missed, nothing comes twice.

Examples:
  gatehouse watch
  gatehouse watch 'camera.front-door.detections' --from 10m
  gatehouse watch --from all --json | jq .data.risk`;

export function watchCommand(context: Context): Command {
  return new Command("watch")
    .description("show messages as they come, until Ctrl-C")
    .argument("[subject]", "subject, with * and >", EVERY_EVENT)
    .addOption(new Option("--from <where>", "where to begin").argParser(fromArgument).default("new"))
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (subject: string, options: Options) => {
      const access = findGateway(context, homeDir(context, options), "watch");
      assertCarried(subject);
      const signal = context.interrupts.first;
      const show = options.json ? showJson : showLine;
      for await (const heard of followGateway(access, { subject, from: options.from, signal })) show(context, heard);
    });
}

function fromArgument(text: string): From {
  const from = readFrom(text, Date.now());
  if (from === null) throw new InvalidArgumentError("must be new, all, a sequence or a time");
  return from;
}

/** Reads `new`, `all`, a sequence or a time; null for anything else. */
export function readFrom(text: string, now_ms: number): From | null {
  if (text === "new" || text === "all") return text;
  if (/^[1-9]\d{0,14}$/.test(text)) return { seq: Number(text) };
  const time_ms = readTime(text, now_ms);
  return time_ms === null ? null : { time_ms };
}

function showJson({ out, err }: Context, heard: Heard): void {
  if (heard.what === "message") out.write(`${JSON.stringify(heard.message)}\n`);
  else err.write(`${JSON.stringify(heard)}\n`);
}

function showLine({ out, err }: Context, heard: Heard): void {
  if (heard.what === "message") return void out.write(`${messageLine(heard.message, paintFor(out), out.columns)}\n`);
  const paint = paintFor(err);
  if (heard.what === "lost") err.write(paint("yellow", `${heard.reason}; trying again\n`));
  if (heard.what === "gap")
    err.write(paint("yellow", `Messages ${heard.from_seq}..${heard.to_seq} are no longer kept\n`));
  if (heard.what === "back") err.write(paint("yellow", `Connected again; going on ${fromText(heard.from)}\n`));
}

function fromText(from: From): string {
  if (typeof from === "string") return `from "${from}"`;
  return "seq" in from ? `with message ${from.seq}` : `from ${new Date(from.time_ms).toISOString()}`;
}
