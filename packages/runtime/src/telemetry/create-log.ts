import { join } from "node:path";
import pino from "pino";
import type { Log } from "../log.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import { prettyLine } from "./pretty-line.ts";
import { makeRedact, type Redact, redactUrls } from "./redact.ts";

export interface LogOptions {
  /** Of the file, and of the service in each line. A child with `{ service }` says another. */
  name: string;
  level: "debug" | "info" | "warn" | "error";
  /** The home folder: JSON lines go to `logs/<name>.log` in it. Null: to no file. */
  home: string | null;
  /** What the terminal shows: lines for people, JSON for a collector, nothing. */
  stdout: "json" | "pretty" | "silent";
  /** Names of further fields whose values are secrets. */
  redact?: readonly string[];
  /** Where the running code stands in a trace: `telemetry.activeTrace`. */
  activeTrace?: () => { trace_id: string; span_id: string } | null;
  /** Where lines for the terminal go; by default the process's own. */
  out?: Terminal;
}
interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** A log that someone must close, so that its last lines are in the file. */
export interface OpenLog extends Log {
  flush(): Promise<void>;
  /** May be called again. Lines after it are lost. */
  close(): Promise<void>;
}

const FILE_BYTES = 10_485_760;
const FILES = 5;

/** Writes JSON lines into a rotated file (5 of 10 MiB) and lines to the terminal. Secrets are hidden; writing never fails and never waits. */
export function createLog(options: LogOptions): OpenLog {
  const { out = process.stdout, stdout, home, name } = options;
  const colours = stdout === "pretty" && out.isTTY === true && !process.env.NO_COLOR;
  const show = (line: string) => {
    if (stdout !== "silent") out.write(stdout === "json" ? line : prettyLine(line, colours));
  };
  const tell = (sentence: string, fields: object) => {
    const line = { level: "error", time: new Date().toISOString(), service: name, ...fields, msg: sentence };
    show(`${JSON.stringify(line)}\n`);
  };
  const file = home === null ? null : openFile(home, name, tell);
  const write = (raw: string) => {
    const line = redactUrls(raw);
    file?.write(line);
    show(line);
  };
  return {
    ...wrap(makePino(options, write), { service: name }, makeRedact(options.redact ?? [])),
    flush: async () => file?.flush(),
    close: async () => file?.close(),
  };
}

function openFile(home: string, name: string, tell: (sentence: string, fields: object) => void): LogFile {
  return openLogFile({
    folder: join(home, "logs"),
    name,
    max_bytes: FILE_BYTES,
    files: FILES,
    onFault: (message) =>
      tell(message === null ? "log file is written again" : "log file cannot be written", { message }),
    onDropped: (lines) => tell("log lines dropped", { lines }),
  });
}

function makePino({ level, activeTrace }: LogOptions, write: (line: string) => void): pino.Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const trace = activeTrace?.();
        return trace ? { trace_id: trace.trace_id, span_id: trace.span_id } : {};
      },
    },
    { write },
  );
}

/** Children are made from the root with all their fields, so that a field said anew replaces the one before. */
function wrap(root: pino.Logger, bindings: object, redact: Redact): Log {
  const logger = root.child(bindings);
  const at = (level: LogOptions["level"]) => (fields: object, sentence: string) => {
    if (logger.isLevelEnabled(level)) logger[level](redact(fields), sentence);
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => wrap(root, { ...bindings, ...redact(fields) }, redact),
  };
}
