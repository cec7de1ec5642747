import { expect, test } from "vitest";
import { tallyReport, type VitestReport } from "./vitest-report.ts";

type Test = VitestReport["testResults"][number]["assertionResults"][number];

const one = (status: Test["status"], fullName = "handle() acks", own: Partial<Test> = {}): Test => ({
  status,
  fullName,
  failureMessages: [],
  location: { line: 3, column: 1 },
  ...own,
});

const file = (assertionResults: Test[], own: object = {}): VitestReport => ({
  testResults: [{ name: "/repo/a/b.test.ts", status: "passed", message: "", assertionResults, ...own }],
});

test("tallyReport() counts each kind", () => {
  const report = file([one("passed"), one("passed"), one("skipped"), one("todo"), one("failed")], { status: "failed" });
  expect(tallyReport(report, "/repo")).toMatchObject({ passed: 2, failed: 1, skipped: 2 });
});

test("tallyReport() names the line of the test's file that the failure went through", () => {
  const failureMessages = [
    "AssertionError: expected 1 to be 2\n    at f (/repo/other.ts:9:9)\n    at /repo/a/b.test.ts:17:33",
  ];
  const { failures } = tallyReport(
    file([one("failed", "f() holds", { failureMessages })], { status: "failed" }),
    "/repo",
  );
  expect(failures).toEqual(["a/b.test.ts:17 f() holds: AssertionError: expected 1 to be 2"]);
});

test("tallyReport() takes the reason of a skip from its name or its group's", () => {
  const names = ["reads video (needs ffmpeg)", "Qdrant (needs QDRANT_URL) finds (fast)", "just so"];
  expect(tallyReport(file(names.map((name) => one("skipped", name))), "/repo").skips).toEqual([
    "a/b.test.ts:3 reads video (needs ffmpeg): needs ffmpeg",
    "a/b.test.ts:3 Qdrant (needs QDRANT_URL) finds (fast): needs QDRANT_URL",
    "a/b.test.ts:3 just so: no reason given",
  ]);
});

test("tallyReport() counts a file that failed outside its tests as one failure", () => {
  const report = file([one("skipped")], { status: "failed", message: "Cannot find module './x.ts'\nmore" });
  expect(tallyReport(report, "/repo")).toMatchObject({
    failed: 1,
    skipped: 1,
    failures: ["a/b.test.ts:1 Cannot find module './x.ts'"],
  });
});
