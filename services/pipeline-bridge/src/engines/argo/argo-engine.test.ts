import { expect, onTestFinished, test } from "vitest";
import type { EngineRun } from "../engine.ts";
import { answerJson, type PlainAnswer, startPlainServer } from "../http/plain-server.testing.ts";
import { ArgoEngine } from "./argo-engine.ts";
import { WATCH_PACE } from "./watch-workflows.ts";

const events = { "content-type": "text/event-stream" };
const { signal } = new AbortController();

const workflow = (name: string, version: number, phase = "Running") => ({
  metadata: { name, resourceVersion: String(version), creationTimestamp: "2026-01-01T00:00:00Z" },
  status: { phase, startedAt: null },
});

async function setup(answer: PlainAnswer) {
  const server = await startPlainServer(answer);
  const skipped: string[] = [];
  const pace = { ...WATCH_PACE, reopen_ms: 2, recheck_ms: 60_000 };
  const settings = { url: server.url, namespace: "ai", ca_file: null, timeout_ms: 5_000 };
  const argo = new ArgoEngine(settings, { pace, skipped: ({ message }) => skipped.push(message) });
  onTestFinished(async () => {
    await argo.close();
    await server[Symbol.asyncDispose]();
  });
  return { argo, server, skipped };
}

/** Resolves when the watch told of so many runs. */
async function watched(argo: ArgoEngine, names: string[], count: number): Promise<EngineRun[]> {
  const runs: EngineRun[] = [];
  const over = new AbortController();
  const open = async () => names.map((run_name) => ({ run_name, run_id: run_name, namespace: "ai" }));
  const run = async (told: EngineRun) => {
    if (runs.push(told) === count) over.abort();
  };
  await argo.watch("ai", { open, run, gone: async () => {} }, { signal: over.signal });
  return runs;
}

test("watch() passes over an entry of the list that it cannot read, and tells of it", async () => {
  const items = [workflow("gh-1", 7, "Dreaming"), { metadata: {} }, workflow("gh-2", 8)];
  const { argo, skipped } = await setup((response, _count, { url }) =>
    url?.includes("workflow-events")
      ? response.writeHead(200, events).flushHeaders()
      : answerJson(response, { metadata: { resourceVersion: "9" }, items }),
  );
  expect(await watched(argo, ["gh-2"], 1)).toMatchObject([{ run_name: "gh-2", status: "running", version: 8 }]);
  expect(skipped).toEqual([expect.stringContaining('"Dreaming"'), expect.stringContaining("metadata.name")]);
});

test("watch() lists fewer runs at a time where so many are too much", async () => {
  const { argo, server } = await setup((response, _count, { url }) => {
    const asked = new URL(url ?? "", "http://a").searchParams;
    if (url?.includes("workflow-events")) return response.writeHead(200, events).flushHeaders();
    const [limit, from] = [asked.get("listOptions.limit"), asked.get("listOptions.continue")];
    if (limit === "500") return response.end("x".repeat(17 * 1024 * 1024));
    if (limit === "50" && from === null)
      return answerJson(response, { metadata: { resourceVersion: "9", continue: "c" }, items: [workflow("gh-1", 7)] });
    if (limit === "50") return answerJson(response, {}, 504);
    return answerJson(response, { metadata: { resourceVersion: "9" }, items: [workflow("gh-2", 8)] });
  });
  expect(await watched(argo, ["gh-1", "gh-2"], 2)).toMatchObject([{ run_name: "gh-1" }, { run_name: "gh-2" }]);
  expect(server.requests.filter(({ url }) => url.includes("limit=")).at(-1)!.url).toContain(
    "limit=5&listOptions.continue=c",
  );
});

test("watch() leaves an event that does not end, and lists anew", async () => {
  let lists = 0;
  const { argo, skipped, server } = await setup((response, _count, { url }) => {
    if (url?.includes("workflow-events"))
      return response.writeHead(200, events).write(`data: ${"x".repeat(5 * 1024 * 1024)}`);
    lists += 1;
    return answerJson(response, { metadata: { resourceVersion: "9" }, items: [workflow("gh-1", lists)] });
  });
  expect(await watched(argo, ["gh-1"], 2)).toMatchObject([{ version: 1 }, { version: 2 }]);
  expect(skipped[0]).toContain("an event must be at most 4194304 characters");
  expect(server.requests.filter(({ url }) => url.includes("workflow-events"))).toHaveLength(1);
});

test("watch() goes on after the version that it heard of last, also of a bookmark", async () => {
  const frame = (type: string, object: object) => `data: ${JSON.stringify({ result: { type, object } })} \n\n`;
  let watches = 0;
  const { argo, server } = await setup((response, _count, { url }) => {
    if (!url?.includes("workflow-events"))
      return answerJson(response, { metadata: { resourceVersion: "9" }, items: null });
    watches += 1;
    const bookmark = frame("BOOKMARK", { metadata: { resourceVersion: "40" } });
    return watches === 1
      ? response.writeHead(200, events).end(frame("ADDED", workflow("gh-1", 12)) + bookmark)
      : response.writeHead(200, events).write(frame("MODIFIED", workflow("gh-1", 41)));
  });
  expect(await watched(argo, [], 2)).toMatchObject([{ version: 12 }, { version: 41 }]);
  const asked = server.requests.flatMap(
    ({ url }) => new URL(url, "http://a").searchParams.get("listOptions.resourceVersion") ?? [],
  );
  expect(asked).toEqual(["9", "40"]);
});

test("watch() that is stopped waits for what it is telling, and tells no more", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `gh-${i}`);
  const items = names.map((name) => workflow(name, 7));
  const { argo } = await setup((response) => answerJson(response, { metadata: { resourceVersion: "9" }, items }));
  const [over, gate, begun] = [new AbortController(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let [began, ended] = [0, 0];
  const run = async () => {
    began += 1;
    begun.resolve();
    await gate.promise;
    ended += 1;
  };
  const open = async () => names.map((run_name) => ({ run_name, run_id: run_name, namespace: "ai" }));
  const watching = argo.watch("ai", { open, run, gone: async () => {} }, { signal: over.signal });
  await begun.promise;
  over.abort();
  gate.resolve();
  await watching;
  const by_then = [began, ended];
  await new Promise((resolve) => setImmediate(resolve));
  expect([began, ended]).toEqual(by_then);
  expect(ended).toBe(began);
  expect(began).toBeLessThanOrEqual(8);
});

test("submit() takes no other run for the one that it asked for", async () => {
  const { argo } = await setup((response) => answerJson(response, workflow("gh-2", 7)));
  const entry = { template: "t", namespace: "ai" } as never;
  const run = { run_name: "gh-1", request_id: "r-1", pipeline: "p", entry, parameters: {} };
  await expect(argo.submit(run, { signal })).rejects.toMatchObject({ code: "ENGINE_ANSWER_MALFORMED" });
});
