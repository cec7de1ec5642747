import { expect, onTestFinished, test } from "vitest";
import { contractOf } from "../../harness/engines/engine-client.ts";
import { EngineProcess } from "../../harness/engines/engine-process.ts";
import { until } from "../../harness/until.ts";
import { openWatches, watch } from "./argo-watcher.fixture.ts";
import { clientOf, GET, LIST, newFile, newRun, setup, signal, WATCH } from "./argo-world.fixture.ts";

const RUNNING = [{ state: "running", after_ms: 0 }];
const QUICK = [
  { state: "pending", after_ms: 0 },
  { state: "running", after_ms: 5 },
  { state: "succeeded", after_ms: 5 },
];

test("watch() tells each open run as it is, then every change in order, and an end with all that was made", async () => {
  const { argo, server, script, submit } = await setup();
  await script(RUNNING);
  await submit("gh-1");
  await script([...QUICK.slice(0, 1), { state: "running", after_ms: 200 }, ...QUICK.slice(2)], {
    artifacts: [{ name: "model", uri: "s3://b/m" }],
  });
  const seen = watch(argo, ["gh-1"]);
  await seen.is("gh-1", "running");
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await submit("gh-2");
  await seen.is("gh-2", "succeeded");
  const told = seen.statuses("gh-2");
  expect(told.filter((status, at) => status !== told[at - 1])).toEqual(["pending", "running", "succeeded"]);
  expect(seen.runs.at(-1)!.artifacts).toEqual([{ name: "model", uri: "s3://b/m" }]);
  const versions = seen.runs.filter(({ run_name }) => run_name === "gh-2").map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
});

test("watch() lists over all pages", async () => {
  const { argo, script, submit } = await setup();
  await script(RUNNING);
  const names = Array.from({ length: 503 }, (_, i) => `gh-${1_000 + i}`);
  const left = names.values();
  const some = async () => {
    for (const name of left) await submit(name);
  };
  await Promise.all(Array.from({ length: 16 }, some));
  const seen = watch(argo, names);
  await until("all were told", () => new Set(seen.runs.map(({ run_name }) => run_name)).size === 503);
});

test.each(["eof", "clean", "cut"])(
  "watch() that ends (%s) goes on after the last version and lists nothing",
  async (how) => {
    const { argo, server, script, submit, control } = await setup();
    await script(RUNNING);
    await submit("gh-1");
    const seen = watch(argo, ["gh-1", "gh-2"]);
    await until("the watch is open", async () => (await openWatches(server.url)) === 1);
    await control("end_watch", { how });
    await script(QUICK);
    await submit("gh-2");
    await seen.is("gh-2", "succeeded");
    expect((await contractOf(server.url)).requests[LIST]).toBe(1);
    expect(seen.statuses("gh-1").filter((status) => status === "running")).toHaveLength(1);
  },
);

test("watch() lists anew when its version is too old, and when Argo ends it with an error", async () => {
  const { argo, server, script, submit, control } = await setup();
  await script(RUNNING);
  const names: string[] = [];
  const seen = watch(argo, names);
  const listed = async (times: number) => (await contractOf(server.url)).requests[LIST] === times;
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await control("expire");
  await control("end_watch", { how: "cut" });
  await until("all were listed anew", () => listed(2));
  await until("the next is open", async () => (await openWatches(server.url)) === 1);
  await control("fail_watch", { http_code: 400 });
  await until("all were listed once more", () => listed(3));
  names.push("gh-1");
  await submit("gh-1");
  await seen.is("gh-1", "running");
});

test("watch() gives up when Argo refuses every watch", async () => {
  const { argo, fail } = await setup();
  await fail(WATCH, { kind: "status", status: 410 }, 2);
  await expect(watch(argo, ["gh-1"]).over).rejects.toMatchObject({ code: "ENGINE_REFUSED" });
});

test("watch() leaves a peer that has fallen silent, and hears what it missed", async () => {
  const { server, script, submit, control } = await setup();
  await script(RUNNING);
  const seen = watch(clientOf(server.url, { pace: { idle_ms: 100 } }), []);
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await control("end_watch", { how: "silence" });
  await submit("gh-1");
  await seen.is("gh-1", "running");
});

test("watch() tells an older event nothing when a newer one came first", async () => {
  const { argo, server, script, submit, control } = await setup();
  await control("shuffle", { on: true });
  const seen = watch(argo, []);
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await script([
    { state: "running", after_ms: 0 },
    { state: "succeeded", after_ms: 0 },
  ]);
  await submit("gh-1");
  await seen.is("gh-1", "succeeded");
  expect(seen.runs.map(({ version }) => version)).toEqual(
    seen.runs.map(({ version }) => version).toSorted((a, b) => a - b),
  );
});

test("watch() tells of an event that it cannot read, goes on, and lists what that may have said", async () => {
  const { server, script, submit, control } = await setup();
  const skipped: string[] = [];
  const client = clientOf(server.url, {
    pace: { recheck_ms: 20 },
    skipped: ({ message }) => skipped.push(message),
  });
  await script(RUNNING);
  const seen = watch(client, []);
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await submit("gh-0");
  await seen.is("gh-0", "running");
  const listed = async () => (await contractOf(server.url)).requests[LIST]!;
  const before = await listed();
  await control("say", {
    text: 'data: {"result":{"type":"MODIFIED","object":{"metadata":7}}} \n\ndata: {nonsense \n\n',
  });
  await until("both were told of", () => skipped.length === 2);
  expect(skipped).toEqual([expect.stringContaining("metadata"), expect.stringContaining("{nonsense")]);
  await submit("gh-1");
  await seen.is("gh-1", "running");
  await until("all were listed", async () => (await listed()) > before);
});

test("watch() tells that a run is gone: before it was opened, while it is open, and at its end", async () => {
  const { argo, server, script, submit, control } = await setup();
  await script(RUNNING);
  await submit("gh-2");
  const seen = watch(argo, ["gh-1", "gh-2"]);
  await until("the first is gone", () => seen.gone.includes("gh-1"));
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await control("vanish", { name: "gh-2" });
  await until("the second is gone", () => seen.gone.includes("gh-2"));
});

test("watch() tells the end of a run that was taken away when it had ended, and not that it is gone", async () => {
  const { argo, server, script, submit, control, fail } = await setup();
  const seen = watch(argo, []);
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  await fail(GET, { kind: "status", status: 404 });
  await script([{ state: "succeeded", after_ms: 0 }], { outputs: { documents: 12 } });
  await submit("gh-1");
  await seen.is("gh-1", "succeeded");
  expect(seen.runs.at(-1)).toMatchObject({ outputs: { documents: "12" } });
  await control("vanish");
  await control("bookmark");
  await submit("gh-1");
  await until("the next one was told", () => seen.statuses("gh-1").includes("pending"));
  expect(seen.gone).toEqual([]);
});

test("watch() looks at runs that are open and that it heard nothing of", async () => {
  const { server, script, submit, becomes } = await setup();
  await script([{ state: "failed", after_ms: 0, message: "no room" }]);
  await submit("gh-1");
  await becomes("gh-1", "failed");
  const names: string[] = [];
  const seen = watch(clientOf(server.url, { pace: { recheck_ms: 20 } }), names);
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  names.push("gh-1");
  await seen.is("gh-1", "failed");
  expect(seen.runs[0]).toMatchObject({ message: "no room" });
});

test("watch() throws what its listener throws, and what Argo says to its list", async () => {
  const { argo, script, submit, fail } = await setup();
  await script(RUNNING);
  await submit("gh-1");
  const alsoWhenTold = () => {
    throw new Error("no database");
  };
  await expect(watch(argo, ["gh-1"], { alsoWhenTold }).over).rejects.toThrow("no database");
  await fail(LIST, { kind: "status", status: 503 });
  await expect(watch(argo, ["gh-1"]).over).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});

test("watch() resolves when it is stopped", async () => {
  const { argo, server } = await setup();
  const seen = watch(argo, []);
  await until("the watch is open", async () => (await openWatches(server.url)) === 1);
  seen.stop.abort();
  await seen.over;
  await until("the watch is closed", async () => (await openWatches(server.url)) === 0);
});

test("watch() throws when Argo is killed, and the next one tells what happened meanwhile", async () => {
  const child = await EngineProcess.start({ engine: "argo", file: newFile("runs.jsonl") });
  onTestFinished(() => child.stop());
  const argo = clientOf(child.url);
  const first = watch(argo, ["gh-1"]);
  await argo.submit(newRun("gh-1"), { signal });
  await until("it was heard of", () => first.runs.length > 0);
  await child.kill();
  await expect(first.over).rejects.toMatchObject({ code: "ENGINE_AWAY" });
  await child.start();
  await watch(argo, ["gh-1"]).is("gh-1", "succeeded");
});
