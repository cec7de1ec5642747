import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder that is removed when the test has finished. */
export function temporaryHome(): string {
  const dir = mkdtempSync(join(tmpdir(), "gatehouse-local-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
