import type { Context } from "../context.ts";
import { EXIT, Quit } from "../exit.ts";
import type { Access } from "../gateway/access.ts";
import { paintFor } from "../terminal/paint.ts";
import { followRun, type RunNews } from "./follow-run.ts";
import { RunPrinter } from "./run-printer.ts";
import { isOver, type KnownRun } from "./runs.ts";
import { watchProgress } from "./watch-progress.ts";

const PROGRESS_MS = 3_000;

/** Shows how a run goes on until it is over. @throws {Quit} when it did not succeed, or nobody wanted to wait for that */
export async function watchRun(
  context: Context,
  access: Access,
  { request_id, after_seq, json }: { request_id: string; after_seq: number; json: boolean },
): Promise<void> {
  const signal = context.interrupts.first;
  let succeeded = false;
  let over = false;
  const show = json ? showJson(context) : showText(context, access, request_id);
  try {
    for await (const news of followRun(access, request_id, { after_seq, signal })) {
      show(news);
      if (news.what !== "status") continue;
      succeeded = news.status.status === "succeeded";
      over = isOver(news.status.status);
      if (over && news.status.retryable) tellRetry(context, request_id, json);
    }
  } finally {
    show(null);
  }
  if (!over && !json) tellLeft(context, request_id);
  if (!succeeded) throw new Quit(EXIT.failed);
}

/** Null: nothing more comes. */
type Show = (news: RunNews | null) => void;

function showJson({ out }: Context): Show {
  return (news) => {
    if (news?.what === "status") out.write(`${JSON.stringify(news.status)}\n`);
  };
}

function showText({ out }: Context, access: Access, request_id: string): Show {
  const printer = new RunPrinter(out, paintFor(out));
  const ending = new AbortController();
  const progress = { every_ms: PROGRESS_MS, signal: ending.signal, tell: (run: KnownRun) => printer.progress(run) };
  void watchProgress(access, request_id, progress);
  return (news) => {
    if (news === null) {
      ending.abort();
      printer.close();
    } else if (news.what === "status") printer.show(news.status);
    else printer.note(news.what === "lost" ? "The connection is lost; trying again" : "Connected again; going on");
  };
}

function tellRetry({ err }: Context, request_id: string, json: boolean): void {
  if (!json) err.write(paintFor(err)("dim", `gatehouse pipelines retry ${request_id} has it go on\n`));
}

function tellLeft({ err }: Context, request_id: string): void {
  const told = `The run goes on. gatehouse pipelines status ${request_id} --follow shows it, cancel ${request_id} ends it\n`;
  err.write(paintFor(err)("yellow", told));
}
