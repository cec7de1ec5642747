import { relative } from "node:path";

/** What one step, or all of them, came to. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** `packages/events/src/codec.test.ts:12 encode() keeps integers: expected 1 to be 2` */
  failures: string[];
  /** `packages/media/src/video.test.ts:9 openVideo() reads H.264: needs ffmpeg` */
  skips: string[];
}

export interface VitestReport {
  testResults: FileResult[];
}

interface FileResult {
  name: string;
  status: "passed" | "failed";
  message: string;
  assertionResults: TestResult[];
}

interface TestResult {
  fullName: string;
  status: "passed" | "failed" | "skipped" | "pending" | "todo" | "disabled";
  failureMessages: string[];
  location?: { line: number; column: number } | null;
}

/** A skipped test says why in its own name or its group's: `test.skipIf(!hasFfmpeg)("… (needs ffmpeg)")`. */
const REASON = /\((needs [^)]+)\)/;

/** Counts a vitest JSON report. A file that failed by itself (an import, a hook) counts as one failed test. */
export function tallyReport({ testResults }: VitestReport, root: string): Tally {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
  for (const file of testResults) {
    const path = relative(root, file.name);
    for (const test of file.assertionResults) count(tally, test, path, file.name);
    if (file.status !== "failed" || file.assertionResults.some(({ status }) => status === "failed")) continue;
    tally.failed++;
    tally.failures.push(`${path}:1 ${firstLine(file.message) || "failed outside its tests"}`);
  }
  return tally;
}

function count(tally: Tally, test: TestResult, path: string, file: string): void {
  if (test.status === "passed") {
    tally.passed++;
  } else if (test.status === "failed") {
    const [message = ""] = test.failureMessages;
    tally.failed++;
    tally.failures.push(
      `${path}:${failingLine(message, file) ?? lineOf(test)} ${test.fullName}: ${firstLine(message)}`,
    );
  } else {
    const reason = test.status === "todo" ? "not written yet" : REASON.exec(test.fullName)?.[1];
    tally.skipped++;
    tally.skips.push(`${path}:${lineOf(test)} ${test.fullName}: ${reason ?? "no reason given"}`);
  }
}

const lineOf = ({ location }: TestResult): number => location?.line ?? 1;
const firstLine = (text: string): string => text.split("\n", 1)[0]!.trim();

/** The line of the test's own file that the failure went through. */
function failingLine(message: string, file: string): number | null {
  const frame = message.split("\n").find((line) => line.includes(`${file}:`));
  const line = frame && /:(\d+):\d+\)?$/.exec(frame)?.[1];
  return line ? Number(line) : null;
}
