import { expect, test } from "vitest";
import { EngineAnswerError } from "../../errors.ts";
import { compileAnswerChecks } from "./kubeflow-answers.ts";
import { knownRun, readRun } from "./read-run.ts";

const checks = compileAnswerChecks();
const read = (own: object) =>
  readRun(
    { run_id: "r", display_name: "gh-1", created_at: "2026-01-01T00:00:00Z", ...own },
    { checks, base_url: "http://kubeflow", fault: (Class, reason) => new Class(reason) },
  );

test("readRun() gives a version that rises also where no history is told, or not yet", () => {
  const finished_at = "2026-01-01T00:00:00Z";
  const versions = [{ state: "PENDING" }, { state: "RUNNING" }, { state: "SUCCEEDED", finished_at }].map(
    (own) => read(own).version,
  );
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  const state_history = [{ state: "RUNNING", update_time: "2026-01-01T00:00:01Z" }];
  const running = read({ state: "RUNNING", state_history });
  expect(read({ state: "FAILED", state_history }).version).toBeGreaterThan(running.version);
});

test("readRun() tells how a run is without what it made where that cannot be read", () => {
  expect(read({ state: "SUCCEEDED", run_details: { task_details: [{ outputs: 7 }] } })).toMatchObject({
    status: "succeeded",
    outputs: null,
    artifacts: [],
  });
});

test("readRun() says what Kubeflow says of a run that it cannot read itself", () => {
  const partial = { display_name: undefined, created_at: undefined, error: { message: "no runtime config" } };
  expect(() => read(partial)).toThrow(EngineAnswerError);
  expect(() => read(partial)).toThrow(/display_name.*Kubeflow says "no runtime config"/);
});

test("knownRun() tells of a run without its state, and of nothing that is no run", () => {
  expect(knownRun({ run_id: "r", error: null }, checks, "gh-1")).toMatchObject({ run_id: "r", run_name: "gh-1" });
  expect(knownRun({ run_id: 7 }, checks, "gh-1")).toBeNull();
});
