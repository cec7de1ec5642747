import { expect, test } from "vitest";
import { TestGateway } from "../gateway/gateway.testing.ts";
import { Inbox } from "../gateway/inbox.ts";
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
  const tell = (message: string) => told.push(message);
  const watched = watchProgress(gateway.access, "r-1", { every_ms: 1, signal: stopping.signal, tell });
  expect([await told.take(), await told.take()]).toEqual(["1 of 3", "2 of 3"]);
  stopping.abort();
  await watched;
});
