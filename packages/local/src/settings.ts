import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readJson, writePrivate } from "./private-file.ts";

/** The backing servers that can be started here. */
export type ServerName = "nats" | "postgres" | "redis";

/** What a started server keeps from one start to the next. */
export interface ServerSettings {
  user: string;
  /** Generated, 48 hex digits: safe in a URL and in every configuration file. */
  password: string;
  /** The port of the last start, taken again when it is still free; null before the first. */
  port: number | null;
}

type Settings = Partial<Record<ServerName, ServerSettings>>;

const pathIn = (dir: string) => join(dir, "servers.json");

/** Reads what `<dir>/servers.json` (0600) keeps about a server; makes and writes new credentials the first time. */
export function loadSettings(dir: string, name: ServerName): ServerSettings {
  const kept = readJson<Settings>(pathIn(dir))?.[name];
  if (kept) return kept;
  const made = { user: "gatehouse", password: randomBytes(24).toString("hex"), port: null };
  saveSettings(dir, name, made);
  return made;
}

/** Writes what is to be kept about one server, leaving the others as they are. */
export function saveSettings(dir: string, name: ServerName, settings: ServerSettings): void {
  const all = { ...readJson<Settings>(pathIn(dir)), [name]: settings };
  writePrivate(pathIn(dir), `${JSON.stringify(all, null, 2)}\n`);
}
