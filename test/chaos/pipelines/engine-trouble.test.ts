import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startArgoEngine } from "../../harness/engines/argo-engine.ts";
import type { EngineServer } from "../../harness/engines/engine-server.ts";
import { type Happening, type TroubledEngine, troubleEngines } from "./engine-trouble.ts";

const NEVER = { steps: [] };

async function engine(standing: readonly Happening[]): Promise<{ server: EngineServer; troubled: TroubledEngine }> {
  const folder = mkdtempSync(join(tmpdir(), "argo-"));
  const server = await startArgoEngine({ file: join(folder, "runs.jsonl") });
  onTestFinished(async () => {
    await server.stop().catch(() => undefined);
    rmSync(folder, { recursive: true });
  });
  const names = { submit: "WorkflowService_SubmitWorkflow", others: ["WorkflowService_GetWorkflow"] };
  const scripts = { good: NEVER, failing: NEVER };
  return { server, troubled: { url: server.url, ...names, scripts, events: [], standing: [], peace: standing } };
}

/** What is told in peace, where nothing else is done. */
function troubledBy(troubled: TroubledEngine, was_struck: boolean) {
  const options = { seed: 1, late_ms: [1], is_harsh: false, wasStruck: () => was_struck };
  return troubleEngines([troubled], options, AbortSignal.abort());
}

test("troubleEngines() counts what an engine took, and tells of what it does not know whatever was done to it", async () => {
  const { troubled } = await engine([
    ["end_watch", { how: "silence" }],
    ["no_such_switch", {}],
  ]);
  const found = await troubledBy(troubled, true);
  expect(found.happened).toEqual({ switch: 1, silence: 1 });
  expect(found.unexplained).toEqual([expect.stringContaining("no_such_switch: 404")]);
});

test("troubleEngines() tells of an engine that is away unless it was struck", async () => {
  const { server, troubled } = await engine([]);
  await server.stop();
  expect(await troubledBy(troubled, true)).toEqual({ happened: {}, unexplained: [] });
  expect((await troubledBy(troubled, false)).unexplained).toEqual([expect.stringContaining("switch: ")]);
});
