import type { News, Tell, UpFacts } from "../up/news.ts";
import { clock, eventLine } from "./event-line.ts";
import { type Paint, paintFor } from "./paint.ts";
import { safeText, shorten } from "./safe-text.ts";
import type { Screen } from "./screen.ts";

const MOST_REASON = 300;

/** Tells a person what happens: lines that stay, and one that shows what is being done now. */
export function showNews(screen: Screen): Tell {
  const paint = paintFor(screen);
  let fleeting = false;
  return (news) => {
    if (fleeting) screen.write("\r\u001b[2K");
    fleeting = false;
    if (news.what === "working") {
      if (!screen.isTTY) return;
      fleeting = true;
      screen.write(paint("dim", `… ${news.on}`));
    } else for (const line of linesOf(news, paint, screen.columns)) screen.write(`${line}\n`);
  };
}

function linesOf(news: Exclude<News, { what: "working" }>, paint: Paint, columns: number): string[] {
  if (news.what === "ready") {
    const { part, version, where } = news;
    return [`${paint("green", "✓")} ${part}${version ? ` ${version}` : ""} ${paint("dim", where)}`.trimEnd()];
  }
  if (news.what === "note") return [`${paint("yellow", "!")} ${news.text}`];
  if (news.what === "up") return upLines(news.facts, paint);
  if (news.what === "event") return [eventLine(news, paint, columns)];
  if (news.what === "dead") return [deadLine(news, paint)];
  if (news.what === "stopping") return ["", paint("dim", `Stopping (${news.reason}); once more to hurry`)];
  if (news.what === "stopped") return [`Stopped in ${seconds(news.took_ms)}`];
  if (news.what === "service") {
    const { service, state, reason } = news;
    return [note(paint, `${service} ${state === "ready" ? "is back" : `is started again: ${reason}`}`)];
  }
  const { server, what, reason, wait_ms } = news.event;
  if (what === "restarting") return [note(paint, `${server} is started again in ${wait_ms ?? 0} ms: ${reason}`)];
  return what === "ready" ? [note(paint, `${server} is back`)] : [];
}

const note = (paint: Paint, text: string): string => `${paint("dim", clock(Date.now()))}  ${paint("yellow", text)}`;

/** What was given up, why, and where to look. Not cut to the terminal's width: what was wanted stands at the end. */
function deadLine(news: Extract<News, { what: "dead" }>, paint: Paint): string {
  const { service, code, reason, subject, count, seq, time_ms } = news;
  const what = count === 1 ? subject : `${count} more, the last of ${subject}`;
  const why = [code, shorten(reason, MOST_REASON)].filter((text) => text !== "");
  const text = safeText([`${service} gave up ${what}`, ...why].join(": "));
  return `${paint("dim", clock(time_ms))}  ${paint("red", text)}; gatehouse dead show ${seq}`;
}

function upLines({ gateway_url, login_url, admin_key, key_file, inbox, took_ms }: UpFacts, paint: Paint): string[] {
  const row = (name: string, value: string) => `  ${paint("dim", name.padEnd(10))} ${value}`;
  const strong = (text: string) => paint("bold", text);
  return [
    "",
    `${strong("Gatehouse is up")} ${paint("dim", `after ${seconds(took_ms)}`)}`,
    "",
    ...(gateway_url ? [row("address", strong(gateway_url))] : []),
    ...(login_url ? [row("log in", `${strong(login_url)} ${paint("dim", "(once, within 60 s)")}`)] : []),
    row(
      "admin key",
      admin_key ? `${admin_key} ${paint("dim", `(shown once; kept in ${key_file})`)}` : `in ${key_file}`,
    ),
    row("inbox", `${inbox}/<camera>/ ${paint("dim", "takes pictures")}`),
    row("stop", "Ctrl-C"),
    "",
  ];
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
