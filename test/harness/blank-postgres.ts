import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServers } from "@gatehouse/local";

/** Names the folder in which an empty Postgres lies, for the tests of this run. */
const FOLDER = "GATEHOUSE_TEST_POSTGRES";

/** Makes an empty Postgres once for a run of tests: each file copies it, as making one takes a second of the processor. */
export default async function setup(): Promise<() => void> {
  const dir = mkdtempSync(join(tmpdir(), "gatehouse-blank-"));
  const { postgres } = await startServers(dir, ["postgres"]);
  await postgres.stop();
  // Whoever copies it takes a port of its own.
  const kept = JSON.parse(readFileSync(join(dir, "servers.json"), "utf8"));
  const blank = { postgres: { ...kept.postgres, port: null } };
  writeFileSync(join(dir, "servers.json"), JSON.stringify(blank), { mode: 0o600 });
  process.env[FOLDER] = dir;
  return () => rmSync(dir, { recursive: true, force: true });
}

/** Puts a copy where `startServers` looks for it, with its credentials; outside a run of tests it makes its own. */
export function copyBlankPostgres(dir: string): void {
  const from = process.env[FOLDER];
  if (from === undefined) return;
  execFileSync("cp", ["-a", join(from, "postgres"), dir]);
  copyFileSync(join(from, "servers.json"), join(dir, "servers.json"));
}
