import { cameraFrame, encode } from "@gatehouse/events";
import { listAudit } from "@gatehouse/store";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Ground, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";

let ground: Ground;
let gateway: TestGateway;
let admin: string;

beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground);
  admin = (await ground.key({ role: "admin" })).secret;
});
afterAll(async () => {
  await gateway?.stop();
  await ground?.stop();
});
beforeEach(async () => {
  await ground.bus.manager.streams.purge("DEAD_LETTERS");
});

/** A message that a service gave up, as the runtime writes it. */
async function bury(service: string, code: string, more: { headers?: Record<string, string>; body?: Uint8Array } = {}) {
  const headers = {
    "Gatehouse-Id": "gate.f-81",
    "Gatehouse-Subject": "camera.gate.frame",
    "Gatehouse-Seq": "7",
    "Gatehouse-Time": "1763700000000",
    "Gatehouse-Code": code,
    "Gatehouse-Reason": "Cannot read it",
    "Gatehouse-Attempts": "5",
    "Gatehouse-Original-traceparent": "00-1",
    ...more.headers,
  };
  const body = more.body ?? encode({ ...cameraFrame.example, camera_id: "gate" });
  return (await ground.bus.publish(`dead.${service}`, body, { headers })).seq;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
async function ask(path: string, method = "GET", body?: object): Promise<{ status: number; body: any }> {
  const answer = await fetch(`${gateway.url}/api/dead-letters${path}`, {
    method,
    headers: { authorization: `Bearer ${admin}`, ...(body ? { "content-type": "application/json" } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
}

test("dead letters are listed newest first, by service and code, page by page", async () => {
  const seqs: number[] = [];
  for (let i = 0; i < 40; i++) seqs.push(await bury(i % 2 ? "enrichment" : "detection-ingest", i % 4 < 2 ? "A" : "B"));
  await ground.bus.removeMessage("DEAD_LETTERS", seqs[39]!);
  const found: number[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await ask(`?service=enrichment&code=A&limit=3${cursor}`);
    found.push(...body.items.map(({ seq }: { seq: number }) => seq));
    if (body.next_cursor === null) break;
    cursor = `&cursor=${body.next_cursor}`;
  }
  expect(found).toEqual(seqs.filter((_, i) => i % 4 === 1).reverse());
  expect((await ask("?limit=500")).body.items).toHaveLength(39);
});

test("the list and the system page tell how many there are, the newest, and what was only counted", async () => {
  const system = async () => {
    const answer = await fetch(`${gateway.url}/api/system`, { headers: { authorization: `Bearer ${admin}` } });
    return ((await answer.json()) as { dead_letters: object }).dead_letters;
  };
  expect(await system()).toEqual({ count: 0, last: null, only_counted: [] });
  const seq = await bury("detection-ingest", "NOT_AN_IMAGE");
  await ground.bus.removeMessage("DEAD_LETTERS", await bury("enrichment", "X"));
  await ground.db.query("insert into dead_counts values ('gate', 'NOT_AN_IMAGE', 3600000, 105)");
  const only_counted = [{ camera_id: "gate", code: "NOT_AN_IMAGE", hour_ms: 3_600_000, only_counted: 5 }];
  const last = { seq, service: "detection-ingest", code: "NOT_AN_IMAGE", dead_at_ms: expect.any(Number) };
  expect(await system()).toEqual({ count: 1, last, only_counted });
  expect((await ask("?code=NOT_AN_IMAGE")).body).toMatchObject({ items: [{ seq }], only_counted });
  expect((await ask("?code=X")).body).toMatchObject({ items: [], only_counted: [] });
});

test("one dead letter is shown whole, its body as JSON", async () => {
  const { body } = await ask(`/${await bury("detection-ingest", "NOT_AN_IMAGE")}`);
  expect(body).toMatchObject({
    service: "detection-ingest",
    code: "NOT_AN_IMAGE",
    subject: "camera.gate.frame",
    attempts: 5,
    not_redrivable: null,
    headers: { "Gatehouse-Original-traceparent": "00-1" },
    body: { camera_id: "gate", image: Buffer.from(cameraFrame.example.image).toString("base64") },
  });
  const broken = await ask(`/${await bury("detection-ingest", "UNDECODABLE", { body: Buffer.from("nonsense") })}`);
  expect(broken.body).toMatchObject({
    body: Buffer.from("nonsense").toString("base64"),
    body_error: expect.any(String),
  });
});

test.each([
  ["of a message", "camera.gate.frame"],
  ["of due work", "due.detection-ingest.forget"],
])("a redriven dead letter %s is its service's again, with what it was, and gone from here", async (_what, subject) => {
  const seq = await bury("detection-ingest", "INTERNAL", { headers: { "Gatehouse-Subject": subject } });
  const { status, body } = await ask(`/${seq}/redrive`, "POST");
  expect([status, body]).toEqual([200, { seq, redrive_seq: expect.any(Number), duplicate: false }]);
  const again = await ground.bus.message("REDRIVE", body.redrive_seq);
  expect(again).toMatchObject({
    subject: "redrive.detection-ingest",
    msg_id: `redrive.${seq}`,
    headers: {
      "Gatehouse-Subject": subject,
      "Gatehouse-Id": "gate.f-81",
      "Gatehouse-Original-traceparent": "00-1",
    },
  });
  expect((await ask(`/${seq}`)).status).toBe(404);
  const { items } = await listAudit(ground.db, { limit: 1 });
  expect(items[0]).toMatchObject({ action: "dead_letter.redrive", target: String(seq) });
});

test.each<[string, Parameters<typeof bury>]>([
  ["whose body was left out", ["detection-ingest", "PAYLOAD_TOO_LARGE", { headers: { "Gatehouse-Body": "omitted" } }]],
  ["that expired unseen", ["detection-ingest", "EXPIRED_UNSEEN"]],
  ["of a service that takes none", ["stranger", "INTERNAL"]],
])("a dead letter %s is not driven again, and stays", async (_what, letter) => {
  const seq = await bury(...letter);
  const { status, body } = await ask(`/${seq}/redrive`, "POST");
  expect([status, body.error.code]).toEqual([409, "NOT_REDRIVABLE"]);
  expect((await ask(`/${seq}`)).body.not_redrivable).toEqual(expect.any(String));
});

test("many are driven again by code; those that cannot be are named", async () => {
  const seqs = [await bury("enrichment", "X"), await bury("enrichment", "Y"), await bury("detection-ingest", "X")];
  const omitted = await bury("enrichment", "X", { headers: { "Gatehouse-Body": "omitted" } });
  const { body } = await ask("/redrive", "POST", { code: "X" });
  expect(body).toMatchObject({
    redriven: [seqs[2], seqs[0]],
    refused: [{ seq: omitted, code: "NOT_REDRIVABLE" }],
    more: false,
  });
  expect((await ask("")).body.items.map(({ seq }: { seq: number }) => seq)).toEqual([omitted, seqs[1]]);
});

test("a discarded dead letter is gone, and told in the audit", async () => {
  const seq = await bury("enrichment", "X");
  expect((await ask(`/${seq}`, "DELETE")).status).toBe(204);
  expect((await ask(`/${seq}`, "DELETE")).status).toBe(404);
  const { items } = await listAudit(ground.db, { limit: 1 });
  expect(items[0]).toMatchObject({ action: "dead_letter.discard", target: String(seq), details: { code: "X" } });
});

test("letters behind 2,000 of another code are driven again from page to page", async () => {
  const old = await bury("enrichment", "OLD");
  await Promise.all(Array.from({ length: 2_000 }, () => bury("enrichment", "NEW")));
  const first = (await ask("/redrive", "POST", { code: "OLD" })).body;
  expect(first).toMatchObject({ redriven: [], more: true, next_cursor: String(old + 1) });
  const { body } = await ask("/redrive", "POST", { code: "OLD", cursor: first.next_cursor });
  expect(body).toMatchObject({ redriven: [old], refused: [] });
});
