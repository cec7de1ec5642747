import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writePrivate } from "./private-file.ts";
import { isAlive, readProcess } from "./process-table.ts";

/** What a running Gatehouse tells the commands of its owner, in `<home>/run.json`. */
export interface RunFile {
  gateway_url: string;
  nats_url: string;
  nats_user: string | null;
  nats_password: string | null;
  database_url: string;
  redis_url: string;
  qdrant_url: string | null;
  admin_key: string;
  /** Of the process that `gatehouse up` is. */
  pid: number;
  processes: { services: string[]; pid: number; health_url: string }[];
}

type Stored = RunFile & { started: string };

const pathIn = (dir: string) => join(dir, "run.json");

/** Writes `run.json` (0600), whole or not at all. */
export function writeRunFile({ dir }: { dir: string }, facts: RunFile): void {
  const stored: Stored = { ...facts, started: readProcess(facts.pid)?.started ?? "" };
  writePrivate(pathIn(dir), `${JSON.stringify(stored, null, 2)}\n`);
}

/** Reads `run.json`; null when it is missing or the process that it tells of has ended. */
export function readRunFile({ dir }: { dir: string }): RunFile | null {
  const stored = readJson<Stored>(pathIn(dir));
  if (stored === null || !isAlive(stored.pid, stored.started)) return null;
  const { started: _, ...facts } = stored;
  return facts;
}

/** Removes `run.json`; safe to repeat. */
export function removeRunFile({ dir }: { dir: string }): void {
  rmSync(pathIn(dir), { force: true });
}
