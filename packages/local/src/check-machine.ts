import { spawnSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { freemem } from "node:os";
import { asServerUser } from "./as-server-user.ts";
import { findProgram, programFolders } from "./find-program.ts";
import { findPostgres } from "./postgres-programs.ts";
import { serverEnvironment } from "./server-environment.ts";

/** One thing that was looked at, as `gatehouse doctor` shows it. */
export interface Finding {
  name: string;
  ok: boolean;
  /** Whether Gatehouse cannot run here without it. */
  needed: boolean;
  /** What was seen; null when nothing was. */
  found: string | null;
  /** What to do about it; null when it is ok. */
  advice: string | null;
}

const MB = 1024 * 1024;
const NODE_MAJOR = 24;
/** 2 GB stay free for others; below 4 there is little to keep streams in. */
const DISK_MB = 4096;
const MEMORY_MB = 1024;
const VERSION_WITHIN_MS = 5000;

/** Looks whether this machine has what Gatehouse runs on. `dir` is a folder on the disk that will hold the home. */
export function checkMachine({
  env = process.env,
  dir = ".",
}: {
  env?: NodeJS.ProcessEnv;
  dir?: string;
} = {}): Finding[] {
  return [
    node(),
    server("nats-server", "NATS_URL", env),
    server("redis-server", "REDIS_URL", env),
    postgres(env),
    program("ffmpeg", ["-version"], { env, needed: false, advice: "for rtsp cameras: apt-get install ffmpeg" }),
    amount("free disk", Math.floor(freeDisk(dir) / MB), { wanted: DISK_MB, advice: "make room, or use --home DIR" }),
    amount("free memory", Math.floor(freemem() / MB), { wanted: MEMORY_MB, advice: "stop other programs" }),
  ];
}

function node(): Finding {
  const ok = Number.parseInt(process.versions.node, 10) >= NODE_MAJOR;
  const advice = ok ? null : `use Node ${NODE_MAJOR} or later; npm start brings one`;
  return { name: "node", ok, needed: true, found: process.version, advice };
}

function server(file: string, url: string, env: NodeJS.ProcessEnv): Finding {
  const advice = `apt-get install ${file}, or start compose/compose.yaml and set ${url}`;
  return elsewhere(file, url, env) ?? program(file, ["--version"], { env, needed: true, advice });
}

function postgres(env: NodeJS.ProcessEnv): Finding {
  const name = "embedded postgres";
  const programs = findPostgres();
  const command = programs && asServerUser({ file: programs.postgres, args: ["--version"] });
  const found = command && versionOf(command.file, command.args);
  const advice = found ? null : `${fault(programs !== null)}, or start compose/compose.yaml and set DATABASE_URL`;
  return elsewhere(name, "DATABASE_URL", env) ?? { name, ok: found !== null, needed: true, found, advice };
}

function fault(installed: boolean): string {
  return installed ? "run as another user than root, or allow user namespaces" : "run npm start, which installs it";
}

/** A server that runs elsewhere needs no program here. The URL itself may hold a password. */
function elsewhere(name: string, url: string, env: NodeJS.ProcessEnv): Finding | null {
  return env[url] ? { name, ok: true, needed: true, found: `elsewhere: ${url} is set`, advice: null } : null;
}

interface ProgramOptions {
  env: NodeJS.ProcessEnv;
  needed: boolean;
  advice: string;
}

function program(name: string, args: string[], { env, needed, advice }: ProgramOptions): Finding {
  const path = findProgram(name, programFolders(env));
  const found = path && versionOf(path, args);
  return { name, ok: found !== null, needed, found, advice: found === null ? advice : null };
}

function versionOf(file: string, args: string[]): string | null {
  const ran = spawnSync(file, args, { encoding: "utf8", timeout: VERSION_WITHIN_MS, env: serverEnvironment() });
  return ran.status === 0 ? (`${ran.stdout}${ran.stderr}`.trim().split("\n")[0] ?? "") : null;
}

function amount(name: string, seen_mb: number, { wanted, advice }: { wanted: number; advice: string }): Finding {
  const ok = seen_mb >= wanted;
  return { name, ok, needed: true, found: `${seen_mb} MB`, advice: ok ? null : `${advice}: ${wanted} MB are wanted` };
}

function freeDisk(dir: string): number {
  const disk = statfsSync(dir);
  return disk.bavail * disk.bsize;
}
