import { expect, test } from "vitest";
import { TestGateway } from "../gateway/gateway.testing.ts";
import { Inbox } from "../gateway/inbox.ts";
import { paintFor } from "../terminal/paint.ts";
import { RunPrinter } from "./run-printer.ts";
import { watchProgress } from "./watch-progress.ts";

test("watchProgress() tells how far a run is, also after a look that failed, until it is stopped", async () => {
  const gateway = await TestGateway.start();
  const answers: [number, object][] = [
    [200, { message: "1 of 3" }],
    [404, { error: { code: "NOT_FOUND", message: "none" } }],
  ];
  gateway.routes["GET /api/pipelines/runs/r-1"] = () => answers.shift() ?? [200, { message: "2 of 3" }];
  const told = new Inbox<string>();
  const stopping = new AbortController();
  const tell = ({ message }: { message: string }) => told.push(message);
  const watched = watchProgress(gateway.access, "r-1", { every_ms: 1, signal: stopping.signal, tell });
  expect([await told.take(), await told.take()]).toEqual(["1 of 3", "2 of 3"]);
  stopping.abort();
  await watched;
});

test("progress() says off a terminal what a run waits for, once, and nothing of how far one is that runs", () => {
  let text = "";
  const out = { write: (more: string) => (text += more), isTTY: false, columns: 80, env: {} };
  const printer = new RunPrinter(out, paintFor(out));
  const waiting = { state: "waiting", message: "Cannot reach argo" } as const;
  printer.progress({ state: "waiting", message: "" });
  for (const one of [waiting, waiting, { state: "running", message: "1/3" } as const]) printer.progress(one);
  printer.close();
  expect(text).toMatch(/^\d\d:\d\d:\d\d {2}waiting {4}Cannot reach argo\n$/);
});
