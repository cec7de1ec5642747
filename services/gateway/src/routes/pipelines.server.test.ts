import { decodeBody } from "@gatehouse/events";
import { listAudit } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askerOf } from "../testing/ask.fixture.ts";
import { Client } from "../testing/client.fixture.ts";
import { type Ground, NO_LIMITS, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";

type Ask = ReturnType<typeof askerOf>;
const parameters = {
  type: "object",
  properties: { limit: { type: "integer", minimum: 1 } },
  required: ["limit"],
  additionalProperties: false,
};
const PIPELINES = {
  GATEHOUSE_PIPELINES__ARGO: JSON.stringify({ url: "http://127.0.0.1:1" }),
  GATEHOUSE_PIPELINES__CATALOGUE: JSON.stringify({ count: { engine: "argo", parameters } }),
};
const NOW_MS = 1_763_700_000_000;
const FIRED = `join-${"0a".repeat(20)}`;
let ground: Ground;
let gateway: TestGateway;
let secrets: Record<"ada" | "eve" | "bob" | "may", string>;
/** Operators, a viewer, and a viewer that may start and cancel. */
let ada: Ask;
let eve: Ask;
let bob: Ask;
let may: Ask;

beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground, { ...NO_LIMITS, ...PIPELINES });
  const subjects = ["ai.pipeline.trigger", "ai.pipeline.cancel"];
  const key = async (role: "operator" | "viewer", user_id: string, subjects: string[] = []) =>
    (await ground.key({ role, user_id, subjects })).secret;
  secrets = {
    ada: await key("operator", "ada"),
    eve: await key("operator", "eve"),
    bob: await key("viewer", "bob"),
    may: await key("viewer", "may", subjects),
  };
  [ada, eve, bob, may] = Object.values(secrets).map((secret) => askerOf(gateway, secret)) as [Ask, Ask, Ask, Ask];
});
afterAll(async () => {
  await gateway?.stop();
  await ground?.stop();
});

const run = (ask: Ask, body: object = {}, { name = "count", headers = {} } = {}) =>
  ask(`/api/pipelines/${name}/runs`, { method: "POST", body: { parameters: { limit: 1 }, ...body }, headers });
const verb = (ask: Ask, request_id: string, what: "cancel" | "retry") =>
  ask(`/api/pipelines/runs/${request_id}/${what}`, { method: "POST" });

/** The last message of the stream of pipelines. */
async function lastTold(): Promise<{ seq: number; subject: string; msg_id: string | null; fields: unknown }> {
  const { last_seq } = await ground.bus.stream("AI_PIPELINE");
  const { seq, subject, msg_id, body } = (await ground.bus.message("AI_PIPELINE", last_seq))!;
  return { seq, subject, msg_id, fields: decodeBody(body).fields };
}

/** A run as pipeline-bridge keeps it. */
async function kept(request_id: string, { state = "succeeded", created_at_ms = NOW_MS, origin = "request" } = {}) {
  await ground.db.query(
    `insert into pipeline_runs (request_id, pipeline, engine, run_name, parameters, state, origin, run_id, created_at_ms, outputs, next_seq)
     values ($1, 'count', 'argo', $2, '{"limit": 1}', $3, $4, 'gh-1', $5, '{"found": 3}', 3)`,
    [request_id, `gh-${request_id}`, state, origin, created_at_ms],
  );
  const told = [
    ["submitted", null, null, "[]"],
    ["failed", '{"code": "RUN_FAILED", "message": "Out of memory", "retryable": true}', null, "[]"],
    ["succeeded", null, '{"found": 3}', '[{"name": "report", "uri": "s3://runs/report"}]'],
  ];
  for (const [seq, [status, error, outputs, artifacts]] of told.entries())
    await ground.db.query(
      `insert into pipeline_statuses (request_id, seq, status, message, run_id, error, outputs, artifacts, at_ms)
       values ($1, $2, $3, '', 'gh-1', $4, $5, $6, $7)`,
      [request_id, seq, status, error, outputs, artifacts, created_at_ms + seq],
    );
}

test("the catalogue tells what can be run, with which parameters, and what the others need", async () => {
  const { status, body } = await bob("/api/pipelines");
  expect(status).toBe(200);
  expect(body.items).toContainEqual({ name: "count", engine: "argo", configured: true, missing: null, parameters });
  expect(body.items).toContainEqual(
    expect.objectContaining({ name: "tts", configured: false, missing: "pipelines.kubeflow" }),
  );
});

test("a run is triggered once however often it is asked for under one request_id", async () => {
  expect(await run(ada, { request_id: "r-1" })).toEqual({ status: 202, body: { request_id: "r-1", duplicate: false } });
  const told = await lastTold();
  expect(told).toMatchObject({
    subject: "ai.pipeline.trigger",
    msg_id: "ada.r-1",
    fields: { request_id: "r-1", pipeline: "count", parameters: { limit: 1 } },
  });
  const again = { status: 202, body: { request_id: "r-1", duplicate: true } };
  expect(await run(ada, {}, { headers: { "idempotency-key": "r-1" } })).toEqual(again);
  await kept("r-1");
  expect(await run(ada, { request_id: "r-1" })).toEqual(again);
  expect((await lastTold()).seq).toBe(told.seq);
  const { items } = await listAudit(ground.db, { limit: 10 });
  const said = { who: "ada", action: "pipeline.run", target: "r-1", details: { pipeline: "count" } };
  expect(items).toContainEqual(expect.objectContaining(said));
});

test("an id whose trigger was not taken in yet is refused to another run", async () => {
  expect((await run(ada, { request_id: "r-2" })).body).toMatchObject({ duplicate: false });
  const other = await run(ada, { request_id: "r-2", parameters: { limit: 2 } });
  expect(other).toMatchObject({ status: 409, body: { error: { code: "REQUEST_ID_REUSED" } } });
});

test("parameters of 256 KiB are taken, larger ones are published by neither door", async () => {
  const text = (bytes: number) => ({ parameters: { text: "x".repeat(bytes - '{"text":""}'.length) } });
  const name = "batch-inference";
  expect((await run(ada, text(262_144), { name })).status).toBe(202);
  const { seq } = await lastTold();
  expect(await run(ada, text(262_145), { name })).toMatchObject({
    status: 400,
    body: { error: { code: "BAD_PARAMETERS", message: expect.stringContaining("at most 262144 bytes") } },
  });
  expect(await run(ada, text(600_000), { name })).toMatchObject({
    status: 413,
    body: { error: { message: "Cannot read the body as it must be at most 524288 bytes: current length is 600015" } },
  });
  const client = await Client.open(gateway.ws_url, secrets.may);
  const data = { request_id: "w-large", pipeline: name, ...text(262_145) };
  const sent = { op: "publish", id: "p", subject: "ai.pipeline.trigger", data };
  expect(await client.ask(sent)).toMatchObject({
    code: "PAYLOAD_INVALID",
    message: expect.stringContaining("at most 262144 bytes"),
  });
  client.socket.terminate();
  expect((await lastTold()).seq).toBe(seq);
});

test("without a request_id a run gets one of its own; a viewer that was given the trigger may run", async () => {
  const { body } = await run(may);
  expect(body).toEqual({ request_id: expect.stringMatching(/^r-[\w-]{36}$/), duplicate: false });
  expect((await lastTold()).msg_id).toBe(`may.${body.request_id}`);
});

test("runs are listed page by page, by pipeline and by state", async () => {
  for (const n of [0, 1, 2]) await kept(`l-${n}`, { state: n < 2 ? "failed" : "running", created_at_ms: NOW_MS + n });
  const query = "/api/pipelines/runs?pipeline=count&state=failed&limit=1";
  const page = (await eve(query)).body;
  const rest = (await eve(`${query}&cursor=${page.next_cursor}`)).body;
  expect([...page.items, ...rest.items].map(({ request_id, state }) => [request_id, state])).toEqual([
    ["l-1", "failed"],
    ["l-0", "failed"],
  ]);
  expect(page.items[0]).not.toHaveProperty("outputs");
  expect(rest.next_cursor).toBeNull();
});

test("a viewer lists the runs that are its own", async () => {
  const { request_id } = (await run(may)).body;
  for (const id of [request_id, "l-other"]) await kept(id);
  const { status, body } = await may("/api/pipelines/runs");
  expect([status, body.items.map((one: { request_id: string }) => one.request_id)]).toEqual([200, [request_id]]);
});

test("a run that came over the bus is no viewer's to claim", async () => {
  await kept("b-1");
  const client = await Client.open(gateway.ws_url, secrets.may);
  const follow = { op: "subscribe", id: "s", subject: "ai.pipeline.status.b-1", from: "all" };
  expect(await client.ask(follow)).toMatchObject({ op: "error", code: "SUBJECT_NOT_ALLOWED" });
  expect((await run(may, { request_id: "b-1" })).body).toMatchObject({ error: { code: "REQUEST_ID_TAKEN" } });
  expect((await may("/api/pipelines/runs/b-1")).status).toBe(404);
  client.socket.terminate();
});

test("a run is shown with everything that was told of it, as it was told", async () => {
  await kept("s-1", { origin: "schedule:nightly" });
  const { body } = await ada("/api/pipelines/runs/s-1");
  const run = { request_id: "s-1", pipeline: "count", engine: "argo", run_id: "gh-1" };
  expect(body).toMatchObject({
    ...{ ...run, run_name: "gh-s-1", state: "succeeded", origin: "schedule:nightly", parameters: { limit: 1 } },
    ...{ attempt: 1, created_at_ms: NOW_MS, outputs: { found: 3 } },
  });
  const told = (seq: number, own: object) => ({ ...run, seq, message: "", timestamp_ms: NOW_MS + seq, ...own });
  expect(body.statuses).toEqual([
    told(0, { status: "submitted" }),
    told(1, { status: "failed", code: "RUN_FAILED", retryable: true }),
    told(2, {
      status: "succeeded",
      outputs: { found: 3 },
      artifacts: [{ name: "report", uri: "s3://runs/report" }],
    }),
  ]);
});

test("a run has no status that it did not have when it was read", async () => {
  await kept("s-2", { state: "failed" });
  await ground.db.query("update pipeline_runs set next_seq = 2 where request_id = 's-2'");
  const { body } = await ada("/api/pipelines/runs/s-2");
  expect(body.statuses.map(({ status }: { status: string }) => status)).toEqual(["submitted", "failed"]);
});

test("a run is cancelled by whoever started it, also before it was taken in, and by every operator", async () => {
  const { request_id } = (await run(may)).body;
  expect(await verb(may, request_id, "cancel")).toEqual({ status: 202, body: { request_id, state: null } });
  expect(await lastTold()).toMatchObject({ subject: "ai.pipeline.cancel", fields: { request_id } });
  await kept("c-1", { state: "running" });
  expect((await verb(eve, "c-1", "cancel")).body).toEqual({ request_id: "c-1", state: "running" });
  expect((await verb(may, "c-1", "cancel")).status).toBe(404);
  const headers = { "content-type": "application/json" };
  expect((await ada("/api/pipelines/runs/c-1/cancel", { method: "POST", headers })).status).toBe(202);
});

test("a run that failed goes on, with the work that is due for it; one that did not is refused", async () => {
  await kept("t-1", { state: "failed" });
  expect(await verb(eve, "t-1", "retry")).toEqual({ status: 202, body: { request_id: "t-1", attempt: 2 } });
  const due = "select kind from due where service = 'pipeline-bridge' and key = 't-1' order by kind";
  expect((await ground.db.query<{ kind: string }>(due)).map(({ kind }) => kind)).toContain("retry");
  expect(await verb(eve, "t-1", "retry")).toMatchObject({
    status: 409,
    body: { error: { code: "NOT_RETRYABLE", message: expect.stringContaining("current state is submitted") } },
  });
  expect((await verb(bob, "t-1", "retry")).status).toBe(404);
  await kept("t-2", { state: "error" });
  await ground.db.query("update pipeline_runs set engine = null where request_id = 't-2'");
  expect((await verb(eve, "t-2", "retry")).body.error.message).toMatch(/it was refused \(error\).* run anew/);
});

test("a run is followed and cancelled on the WebSocket by whoever started it and by operators, and claimed by neither", async () => {
  const [own, operator, other] = await Promise.all(
    [secrets.may, secrets.eve, secrets.ada].map((secret) => Client.open(gateway.ws_url, secret)),
  );
  const publish = (subject: string, data: object) => ({ op: "publish", id: "p", subject, data });
  const follow = { op: "subscribe", id: "s", subject: "ai.pipeline.status.w-1", from: "all" };
  const trigger = publish("ai.pipeline.trigger", { request_id: "w-1", pipeline: "count", parameters: { limit: 1 } });
  const cancel = (request_id: string) => publish("ai.pipeline.cancel", { request_id });
  for (const client of [operator!, other!]) expect(await client.ask(follow)).toMatchObject({ op: "subscribed" });
  expect(await operator!.ask(cancel("w-1"))).toMatchObject({ op: "published" });
  expect(await own!.ask(cancel("w-1"))).toMatchObject({ op: "error", code: "PAYLOAD_INVALID" });
  expect(await own!.ask(trigger)).toMatchObject({ op: "published" });
  for (const client of [own!, operator!, other!])
    expect(await client.ask(cancel("w-1"))).toMatchObject({ op: "published" });
  expect(await own!.ask(cancel("w-2"))).toMatchObject({
    code: "PAYLOAD_INVALID",
    message: `Cannot cancel run "w-2" as it must be one of this key's own`,
  });
  expect(await own!.ask(publish("ai.pipeline.trigger", { request_id: FIRED, pipeline: "count" }))).toMatchObject({
    code: "PAYLOAD_INVALID",
  });
  expect(await own!.ask(publish("ai.pipeline.trigger", { request_id: "w-3", pipeline: "count" }))).toMatchObject({
    code: "PAYLOAD_INVALID",
    message: expect.stringContaining("limit"),
  });
  for (const client of [own!, operator!, other!]) client.socket.terminate();
  const { items } = await listAudit(ground.db, { limit: 10 });
  const done = items.filter(({ target }) => target === "w-1").map(({ who, action }) => `${who} ${action}`);
  const cancels = ["ada", "eve", "eve", "may"].map((who) => `${who} pipeline.cancel`);
  expect(done.toSorted()).toEqual([...cancels, "may pipeline.run"].toSorted());
});

test.each<[string, () => ReturnType<Ask>, number, string, RegExp]>([
  ["a run by a viewer", () => run(bob), 403, "FORBIDDEN", /operator's or have ai\.pipeline\.trigger/],
  ["another's run to a viewer", () => bob("/api/pipelines/runs/r-1"), 404, "NOT_FOUND", /"r-1"/],
  ["a run that is none", () => ada("/api/pipelines/runs/none"), 404, "NOT_FOUND", /"none"/],
  ["going on with nothing", () => verb(ada, "none", "retry"), 404, "NOT_FOUND", /"none"/],
  ["cancelling nothing", () => verb(ada, "none", "cancel"), 404, "NOT_FOUND", /"none"/],
  [
    "an unknown pipeline",
    () => run(ada, {}, { name: "cuont" }),
    404,
    "UNKNOWN_PIPELINE",
    /one of batch-inference, count, document-ing/,
  ],
  ["what lacks an engine", () => run(ada, {}, { name: "tts" }), 404, "UNKNOWN_PIPELINE", /pipelines\.kubeflow must be/],
  ["parameters that break the schema", () => run(ada, { parameters: { limit: 0 } }), 400, "BAD_PARAMETERS", /limit/],
  ["parameters that are none", () => run(ada, { parameters: [1] }), 400, "BAD_REQUEST", /parameters/],
  ["an id that is a number", () => run(ada, { request_id: 5 }), 400, "PAYLOAD_INVALID", /request_id/],
  ["an id with a dot", () => run(ada, { request_id: "a.b" }), 400, "PAYLOAD_INVALID", /request_id/],
  ["the id of a join", () => run(ada, { request_id: FIRED }), 400, "PAYLOAD_INVALID", /joins and schedules/],
  [
    "two ids",
    () => run(ada, { request_id: "a" }, { headers: { "idempotency-key": "b" } }),
    400,
    "BAD_REQUEST",
    /differ/,
  ],
  ["another's id", () => run(eve, { request_id: "r-1" }), 409, "REQUEST_ID_TAKEN", /another user's/],
  [
    "an id with other parameters",
    () => run(ada, { request_id: "r-1", parameters: { limit: 2 } }),
    409,
    "REQUEST_ID_REUSED",
    /other parameters/,
  ],
  ["a filter that is none", () => ada("/api/pipelines/runs?stat=failed"), 400, "BAD_REQUEST", /"stat"/],
  ["a state that is none", () => ada("/api/pipelines/runs?state=lost"), 400, "BAD_REQUEST", /state/],
  ["a cursor that is none", () => ada("/api/pipelines/runs?cursor=x"), 400, "BAD_CURSOR", /cursor/],
])("%s is refused", async (_what, ask, status, code, words) => {
  const refused = await ask();
  expect(refused).toMatchObject({ status, body: { error: { code, retryable: false } } });
  expect(refused.body.error.message).toMatch(words);
});
