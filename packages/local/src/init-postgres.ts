import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { asServerUser } from "./as-server-user.ts";
import { BackingFailedError } from "./errors.ts";
import type { PostgresPrograms } from "./postgres-programs.ts";
import { writePrivate } from "./private-file.ts";
import type { Command } from "./recipe.ts";
import { serverEnvironment } from "./server-environment.ts";
import type { ServerSettings } from "./settings.ts";

/**
 * Makes the data folder `<dir>/data` with the database `gatehouse`, unless it is there. It is made beside its place and
 * renamed when complete, so a start that is killed meanwhile leaves nothing half done.
 *
 * @throws {BackingFailedError} with what the program said
 */
export async function initPostgres(
  { dir, programs, settings }: { dir: string; programs: PostgresPrograms; settings: ServerSettings },
  signal: AbortSignal,
): Promise<string> {
  const data = join(dir, "data");
  if (existsSync(data)) return data;
  const made = join(dir, "data.new");
  const password = join(dir, "password.new");
  rmSync(made, { recursive: true, force: true });
  writePrivate(password, settings.password);
  try {
    const args = ["-D", made, "-U", settings.user, `--pwfile=${password}`, "-A", "scram-sha-256", "-E", "UTF8"];
    const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    await complete({ file: programs.initdb, args: [...args, ...locale] }, { input: "", signal });
    const single = ["--single", "-D", made, "postgres"];
    await complete({ file: programs.postgres, args: single }, { input: "create database gatehouse\n", signal });
  } finally {
    rmSync(password, { force: true });
  }
  renameSync(made, data);
  return data;
}

/** Runs a program to its end, feeding it `input`. */
async function complete(command: Command, { input, signal }: { input: string; signal: AbortSignal }): Promise<void> {
  const { file, args } = asServerUser(command);
  const child = spawn(file, args, { env: serverEnvironment(), detached: true, signal, killSignal: "SIGKILL" });
  child.stdin.on("error", () => undefined).end(input);
  const [said, complained, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (code !== 0) {
    const reason = `${said}${complained}`.trim().slice(-800);
    throw new BackingFailedError(
      `Cannot prepare Postgres as "${command.file}" must exit with 0, not ${code}: ${reason}`,
    );
  }
}
