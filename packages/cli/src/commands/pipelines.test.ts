import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters as strip } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { TestGateway } from "../gateway/gateway.testing.ts";
import { Inbox } from "../gateway/inbox.ts";
import { type Ran, runCommand } from "../run-command.testing.ts";

const request_id = "r-1";
const path = `/api/pipelines/runs/${request_id}`;
const at_ms = new Date(2026, 10, 21, 14, 2, 11).getTime();
const schema = {
  type: "object",
  properties: { limit: { type: "integer" }, version: { type: "string" }, share: { type: "number" } },
  required: ["version"],
};
const catalogue = [
  { name: "tts", engine: "kubeflow", configured: false, missing: "pipelines.kubeflow", parameters: null },
  { name: "batch-inference", engine: "argo", configured: true, missing: null, parameters: schema },
];
const told = (seq: number, status: string, own: object = {}) => ({
  ...{ request_id, seq, status, pipeline: "batch-inference", engine: "argo", run_id: "gh-1" },
  ...{ message: "", timestamp_ms: at_ms + seq * 30_000, ...own },
});
const run = (state: string, statuses: object[], own: object = {}) => ({
  ...{ request_id, pipeline: "batch-inference", engine: "argo", run_id: "gh-1", state, message: "", origin: "request" },
  ...{ attempt: 1, parameters: {}, created_at_ms: at_ms, started_at_ms: null, ended_at_ms: null, statuses, ...own },
});

/** A gateway that takes runs, and what it was asked to run. */
async function setup() {
  const gateway = await TestGateway.start();
  const asked = new Inbox<unknown>();
  gateway.routes["GET /api/pipelines"] = () => [200, { items: catalogue }];
  gateway.routes["POST /api/pipelines/batch-inference/runs"] = (_request, body) => {
    asked.push(body);
    return [202, { request_id: (body as { request_id: string }).request_id, duplicate: false }];
  };
  const env = { GATEHOUSE_URL: gateway.access.url, GATEHOUSE_KEY: gateway.access.key };
  const pipelines = (args: string[], own: Parameters<typeof runCommand>[1] = {}): Promise<Ran> =>
    runCommand(["pipelines", ...args], { env, ...own });
  const tell = (...told: object[]) => {
    for (const one of told) gateway.publish(`ai.pipeline.status.${request_id}`, one);
  };
  return { gateway, asked, pipelines, tell };
}
const waiting = ["run", "batch-inference", "--request-id", request_id, "--wait"];

test("pipelines run reads key=value as the schema says, and loses nothing of what was typed", async () => {
  const { pipelines, asked } = await setup();
  const words = [
    "limit=1e3",
    "share=0.40",
    "version=12",
    "threshold=0.40",
    'labels=["person"]',
    "fast=true",
    "note=a=b",
    "id=007",
  ];
  const { code, out, err } = await pipelines(["run", "batch-inference", ...words, "--request-id", request_id]);
  expect([code, out, err]).toEqual([0, "r-1\n", "gatehouse pipelines status r-1 --follow shows how it goes\n"]);
  const parameters = {
    limit: 1_000,
    share: 0.4,
    version: "12",
    threshold: "0.40",
    labels: ["person"],
    fast: true,
    note: "a=b",
    id: "007",
  };
  expect(await asked.take()).toEqual({ request_id, parameters });
  expect(await pipelines(["run", "batch-inference", "limit=1", "limit=2"])).toMatchObject({
    code: 2,
    err: expect.stringContaining('each parameter must be there once: "limit" is there again'),
  });
});

test("pipelines run takes parameters as JSON or from a file, and words on top", async () => {
  const { pipelines, asked } = await setup();
  const cwd = mkdtempSync(join(tmpdir(), "gatehouse-pipelines-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, "p.json"), '{"limit":1,"version":"v1"}');
  const { out } = await pipelines(["run", "batch-inference", "limit=2", "--parameters", "@p.json", "--json"], { cwd });
  expect(JSON.parse(out)).toEqual({ request_id: expect.stringMatching(/^cli-/), duplicate: false });
  expect(await asked.take()).toMatchObject({ parameters: { limit: 2, version: "v1" } });
  expect(await pipelines(["run", "batch-inference", "--parameters", "@none.json"], { cwd })).toMatchObject({
    code: 1,
    err: 'Cannot read parameters from "none.json" as it must be a file: ENOENT\n',
  });
});

test("pipelines run --wait shows every status once, what the run gave, and ends with 0", async () => {
  const { pipelines, asked, tell } = await setup();
  const ran = pipelines(waiting);
  await asked.take();
  const artifacts = [{ name: "report", uri: "s3://models/report.html" }];
  tell(told(0, "submitted"), told(1, "running", { message: "1/2" }), told(1, "running", { message: "1/2" }));
  tell(told(2, "succeeded", { outputs: { accuracy: 0.93 }, artifacts }));
  expect(await ran).toEqual({
    code: 0,
    out: [
      "r-1",
      "14:02:11  submitted  argo gh-1",
      "14:02:41  running    1/2",
      "14:03:11  succeeded  after 1 min 0 s",
      "          accuracy  0.93",
      "          report    s3://models/report.html\n",
    ].join("\n"),
    err: "",
  });
});

test("pipelines run --wait draws on a terminal how far the run is", async () => {
  const { pipelines, asked, tell } = await setup();
  const shown = { text: "" };
  const bar = Promise.withResolvers<void>();
  const write = (text: string) => {
    shown.text += strip(text);
    if (text.includes("█")) bar.resolve();
  };
  const ran = pipelines(waiting, { out: { write, isTTY: true, columns: 80, env: {} } });
  await asked.take();
  tell(told(0, "submitted"), told(1, "running", { message: "3 of 6 files\u001b[2J", timestamp_ms: Date.now() }));
  await bar.promise;
  tell(told(2, "succeeded"));
  expect((await ran).code).toBe(0);
  expect(shown.text).toContain("… waiting\r");
  expect(shown.text).toMatch(/… running for [\d.]+ s █{12}░{12} 3 of 6 files \[2J\r/);
  expect(shown.text).not.toContain("\u001b[2J");
});

test("pipelines run --wait ends with 1 when the run failed, and says what helps", async () => {
  const { pipelines, asked, tell } = await setup();
  const ran = pipelines(waiting);
  await asked.take();
  tell(told(0, "submitted"), told(1, "failed", { code: "RUN_FAILED", message: "Out of memory", retryable: true }));
  const { code, out, err } = await ran;
  expect([code, err]).toEqual([1, "gatehouse pipelines retry r-1 has it go on\n"]);
  expect(out).toContain("failed     RUN_FAILED  Out of memory  after 30 s\n");
});

test("pipelines run --wait goes on over a lost connection, and asks for what the bus no longer has", async () => {
  const { gateway, pipelines, asked, tell } = await setup();
  const ran = pipelines([...waiting, "--json"]);
  await asked.take();
  tell(told(0, "submitted"));
  await gateway.sent.take();
  gateway.routes[`GET ${path}`] = () => [
    200,
    run("running", [told(0, "submitted"), told(1, "pending"), told(2, "running")]),
  ];
  gateway.drop();
  tell(told(2, "running"), told(3, "cancelled"));
  const { code, out } = await ran;
  const statuses = out.trim().split("\n").slice(1);
  expect([code, ...statuses.map((line) => JSON.parse(line).seq)]).toEqual([1, 0, 1, 2, 3]);
});

test("pipelines run --wait that is interrupted leaves the run alone", async () => {
  const { pipelines, asked, gateway } = await setup();
  const stopping = new AbortController();
  const interrupts = { first: stopping.signal, second: new AbortController().signal };
  const ran = pipelines(waiting, { interrupts });
  await asked.take();
  await gateway.sent.take();
  stopping.abort("Ctrl-C");
  const left = "The run goes on. gatehouse pipelines status r-1 --follow shows it, cancel r-1 ends it\n";
  expect(await ran).toEqual({ code: 1, out: "r-1\n", err: left });
});

test("pipelines run of what is no pipeline ends with the gateway's sentence", async () => {
  const { gateway, pipelines } = await setup();
  const message = 'Cannot run "bach" as it must be one of batch-inference, tts';
  gateway.routes["POST /api/pipelines/bach/runs"] = () => [404, { error: { code: "UNKNOWN_PIPELINE", message } }];
  expect(await pipelines(["run", "bach"])).toEqual({ code: 1, out: "", err: `${message}\n` });
});

test("pipelines list shows runs, newest first, and where to go on", async () => {
  const { gateway, pipelines } = await setup();
  const asked: string[] = [];
  const page = {
    items: [run("failed", [], { message: "Out of memory", attempt: 2, ended_at_ms: at_ms + 4_000 })],
    next_cursor: "c",
  };
  gateway.routes["GET /api/pipelines/runs"] = ({ url }) => {
    asked.push(url!);
    return [200, page];
  };
  const { code, out } = await pipelines(["list", "--state", "failed", "--pipeline", "batch-inference"]);
  expect([code, asked]).toEqual([0, ["/api/pipelines/runs?pipeline=batch-inference&state=failed&limit=20"]]);
  expect(out).toMatch(
    /^id {3}pipeline {9}engine {2}state {7}when .*\nr-1 {2}batch-inference {2}argo {4}failed \(2\).* 4\.0 s {2}Out of memory\nMore: --cursor c\n$/,
  );
  expect(JSON.parse((await pipelines(["list", "--json"])).out)).toEqual(page);
});

test("pipelines status shows all that was told of a run, --follow also what is told from then on", async () => {
  const { gateway, pipelines, tell } = await setup();
  const known = run("running", [told(0, "submitted"), told(1, "running")], {
    origin: "schedule:nightly",
    parameters: { a: 1 },
  });
  gateway.routes[`GET ${path}`] = () => [200, known];
  const { code, out } = await pipelines(["status", request_id]);
  expect([code, out.replace(/\d\d-\d\d (?=\d\d:)/g, "")]).toEqual([
    0,
    [
      "run         r-1",
      "pipeline    batch-inference on argo",
      "state       running",
      "when        14:02:11",
      "asked by    schedule nightly",
      'parameters  {"a":1}',
      "",
      "14:02:11  submitted  argo gh-1",
      "14:02:41  running\n",
    ].join("\n"),
  ]);
  expect(JSON.parse((await pipelines(["status", request_id, "--json"])).out)).toEqual(known);
  tell(told(0, "submitted"), told(1, "running"), told(2, "succeeded"));
  const followed = await pipelines(["status", request_id, "--follow", "--json"]);
  expect([
    followed.code,
    ...followed.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).seq),
  ]).toEqual([0, 0, 1, 2]);
});

test("pipelines status says why a run waits", async () => {
  const { gateway, pipelines } = await setup();
  gateway.routes[`GET ${path}`] = () => [200, run("waiting", [], { message: "Cannot reach argo" })];
  const { out } = await pipelines(["status", request_id]);
  expect(out).toMatch(/^state {5}waiting\nbecause {3}Cannot reach argo$/m);
});

test("pipelines cancel says whether there is something to end, pipelines retry --wait shows only what comes after", async () => {
  const { gateway, pipelines, tell } = await setup();
  const before = [told(0, "submitted"), told(1, "failed")];
  let known = run("failed", before);
  gateway.routes[`GET ${path}`] = () => [200, known];
  gateway.routes[`POST ${path}/cancel`] = () => [202, { request_id, state: known.state }];
  gateway.routes[`POST ${path}/retry`] = () => {
    known = run("waiting", before, { attempt: 2 });
    tell(...before, told(2, "submitted"), told(3, "succeeded"));
    return [202, { request_id, attempt: 2 }];
  };
  expect((await pipelines(["cancel", request_id])).out).toBe("r-1 has ended: failed\n");
  const { code, out } = await pipelines(["retry", request_id, "--wait"]);
  expect([code, out]).toEqual([
    0,
    "r-1 goes on, attempt 2\n14:03:11  submitted  argo gh-1\n14:03:41  succeeded  after 30 s\n",
  ]);
  expect((await pipelines(["cancel", request_id])).out).toMatch(/^r-1 is to end; /);
});

test("pipelines catalogue shows what can be run with which parameters, and what the others need", async () => {
  const { pipelines } = await setup();
  expect(await pipelines(["catalogue"])).toMatchObject({
    code: 0,
    out: [
      "pipeline         engine    parameters",
      "batch-inference  argo      [limit integer], version string, [share number]",
      "tts              kubeflow  needs pipelines.kubeflow\n",
    ].join("\n"),
  });
});

test("pipelines ends with 2 when it is not understood, before anything is asked", async () => {
  const { pipelines, gateway } = await setup();
  gateway.routes["GET /api/pipelines"] = () => [500, {}];
  for (const args of [
    ["run"],
    ["run", "batch-inference", "--request-id", "a b"],
    ["run", "batch-inference", "--parameters", "[1]"],
    ["run", "batch-inference", "--parameters", "{"],
    ["list", "--state", "lost"],
    ["status", "a.b"],
    ["cancel"],
    ["retry", "a/b"],
  ])
    expect([args, (await pipelines(args)).code]).toEqual([args, 2]);
});
