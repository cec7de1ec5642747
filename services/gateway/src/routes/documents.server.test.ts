import { randomInt } from "node:crypto";
import { splitDocument } from "@gatehouse/retrieval";
import { listAudit } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askerOf } from "../testing/ask.fixture.ts";
import { type Ground, NO_LIMITS, prepareGround, startGateway, type TestGateway } from "../testing/gateway.fixture.ts";

type Ask = ReturnType<typeof askerOf>;
let ground: Ground;
let gateway: TestGateway;
let operator: Ask;
let viewer: Ask;

beforeAll(async () => {
  ground = await prepareGround();
  gateway = await startGateway(ground);
  operator = askerOf(gateway, (await ground.key({ role: "operator", user_id: "ada" })).secret);
  viewer = askerOf(gateway, (await ground.key({ role: "viewer", user_id: "bob" })).secret);
});
afterAll(async () => {
  await gateway?.stop();
  await ground?.stop();
});

const put = (ask: Ask, query: string, body = "The boiler needs 1.5 bar", type = "text/markdown") =>
  ask(`/api/documents?${query}`, { method: "PUT", body, headers: { "content-type": type } });
/** A place of letters of two bytes each that cannot be packed. */
const farAway = (letters: number): string =>
  Array.from({ length: letters }, () => encodeURIComponent(String.fromCharCode(randomInt(0x400, 0x7ff)))).join("");
const search = (ask: Ask, body: object) => ask("/api/documents/search", { method: "POST", body });
const dueOf = (kind: string) =>
  ground.db.query<{ key: string }>("select key from due where service = 'chat-handler' and kind = $1", [kind]);

test("a document is kept with the work that is due for it; the same again changes nothing", async () => {
  const first = await put(operator, "uri=notes/boiler.md&title=Boiler", undefined, "text/markdown; charset=utf-8");
  expect(first).toMatchObject({ status: 202, body: { state: "waiting", unchanged: false } });
  const { document_id } = first.body;
  expect(await dueOf("document")).toEqual([{ key: document_id }]);
  expect((await put(operator, "uri=notes/boiler.md&title=Boiler")).body).toMatchObject({
    document_id,
    unchanged: true,
  });
  expect((await viewer(`/api/documents/${document_id}`)).body).toMatchObject({
    ...{ collection: "documents", uri: "notes/boiler.md", title: "Boiler", media_type: "text/markdown" },
    ...{ state: "waiting", passages: 0, embedded: 0, user_id: "ada" },
  });
  const { items } = await listAudit(ground.db, { limit: 10 });
  expect(items.map(({ who, action, target }) => [who, action, target])).toEqual([["ada", "document.put", document_id]]);
});

test("a document that waits though its work was given up is due again when it is put again", async () => {
  const { document_id } = (await put(operator, "uri=given-up.md")).body;
  await ground.db.query("delete from due where key = $1", [document_id]);
  expect((await put(operator, "uri=given-up.md")).body).toEqual({ document_id, state: "waiting", unchanged: true });
  expect(await dueOf("document")).toContainEqual({ key: document_id });
});

test("a place may be as long as 2,048 bytes, in any script", async () => {
  expect(await put(operator, `uri=${farAway(1_024)}`)).toMatchObject({ status: 202 });
});

test("documents are listed page by page and by collection", async () => {
  for (const uri of ["a", "b", "c"]) await put(operator, `uri=${uri}&collection=manuals`);
  const page = (await viewer("/api/documents?collection=manuals&limit=2")).body;
  const rest = (await viewer(`/api/documents?collection=manuals&limit=2&cursor=${page.next_cursor}`)).body;
  expect([...page.items, ...rest.items].map((one) => one.uri)).toEqual(["c", "b", "a"]);
  const { items } = (await viewer("/api/collections")).body;
  expect(items).toContainEqual(expect.objectContaining({ name: "manuals", documents: 3 }));
});

test("what was read of documents is found by who may search, in all collections or in one", async () => {
  const { document_id } = (await put(operator, "uri=garden.md", "The sprinkler runs at five in the morning")).body;
  await splitDocument(ground.db, document_id, { signal: new AbortController().signal });
  const found = await search(viewer, { query: "When does the sprinkler run?" });
  expect(found.body.items).toMatchObject([{ kind: "document", collection: "documents", uri: "garden.md" }]);
  expect(found.body.items[0].text).toContain("five in the morning");
  expect((await search(viewer, { query: "sprinkler", collection: "manuals" })).body.items).toEqual([]);
});

test("a removed document is gone from searches at once, and chat-handler is told", async () => {
  const [{ document_id }] = (await viewer("/api/documents")).body.items;
  await ground.db.query("delete from due");
  expect(await operator(`/api/documents/${document_id}`, { method: "DELETE" })).toMatchObject({
    status: 202,
    body: { document_id, state: "removing" },
  });
  expect((await search(viewer, { query: "When does the sprinkler run?" })).body.items).toEqual([]);
  expect(await dueOf("document")).toEqual([{ key: document_id }]);
});

test("embedding anew is due for one collection or all", async () => {
  await ground.db.query("delete from due");
  const answer = await operator("/api/documents/reindex", { method: "POST", body: { collection: "manuals" } });
  expect(answer).toMatchObject({ status: 202, body: { passages: 0 } });
  expect(await dueOf("embed")).toEqual([{ key: "passages" }]);
});

test.each<[string, () => ReturnType<Ask>, number, string]>([
  ["a viewer's document", () => put(viewer, "uri=x"), 403, "FORBIDDEN"],
  ["removing by a viewer", () => viewer("/api/documents/x", { method: "DELETE" }), 403, "FORBIDDEN"],
  [
    "embedding anew by a viewer",
    () => viewer("/api/documents/reindex", { method: "POST", body: {} }),
    403,
    "FORBIDDEN",
  ],
  ["a document without a place", () => put(operator, "collection=manuals"), 400, "BAD_REQUEST"],
  ["a place with a NUL", () => put(operator, "uri=a%00b"), 400, "BAD_REQUEST"],
  ["a place with a line's end", () => put(operator, "uri=a%0Ab"), 400, "BAD_REQUEST"],
  ["a title with a NUL", () => put(operator, "uri=a&title=a%00b"), 400, "BAD_REQUEST"],
  ["a place of 2,049 bytes", () => put(operator, `uri=${farAway(1_025)}`), 400, "BAD_REQUEST"],
  ["a place of 4,000 bytes", () => put(operator, `uri=${farAway(2_000)}`), 400, "BAD_REQUEST"],
  ["an id with a NUL", () => viewer("/api/documents/a%00b"), 400, "BAD_REQUEST"],
  ["a document among the events", () => put(operator, "uri=x&collection=events"), 400, "BAD_REQUEST"],
  ["a collection with a dot", () => put(operator, "uri=x&collection=a.b"), 400, "BAD_REQUEST"],
  ["a spreadsheet", () => put(operator, "uri=x", "x", "text/csv"), 415, "UNSUPPORTED_MEDIA"],
  ["33 MiB", () => put(operator, "uri=x", "x".repeat(33 * 1024 * 1024)), 413, "BODY_TOO_LARGE"],
  ["a document that is none", () => viewer("/api/documents/none"), 404, "NOT_FOUND"],
  ["removing nothing", () => operator("/api/documents/none", { method: "DELETE" }), 404, "NOT_FOUND"],
  ["a search for nothing", () => search(viewer, { query: "" }), 400, "BAD_REQUEST"],
  ["a search with a NUL", () => search(viewer, { query: "a\u0000b" }), 400, "BAD_REQUEST"],
  ["a search for 101", () => search(viewer, { query: "x", top_k: 101 }), 400, "BAD_REQUEST"],
  ["an unknown collection", () => search(viewer, { query: "x", collection: "none" }), 404, "UNKNOWN_COLLECTION"],
])("%s is refused", async (_what, ask, status, code) => {
  expect(await ask()).toMatchObject({ status, body: { error: { code, retryable: false } } });
});

test("a key may send so many documents, and they do not count as its other requests", async () => {
  const limits = { GATEHOUSE_LIMITS__DOCUMENTS_PER_MIN: "2", GATEHOUSE_LIMITS__REQUESTS_PER_MIN: "1" };
  const strict = await startGateway(ground, { ...NO_LIMITS, ...limits, GATEHOUSE_LIMITS__REQUESTS_BURST: "1" });
  const ask = askerOf(strict, (await ground.key({ role: "operator" })).secret);
  const statuses = [];
  for (const uri of ["a", "b", "c"]) statuses.push((await put(ask, `uri=${uri}`)).status);
  for (let n = 0; n < 2; n++) statuses.push((await ask("/api/documents")).status);
  expect(statuses).toEqual([202, 202, 429, 200, 200]);
  await strict.stop();
});

test("a key may search so often", async () => {
  const strict = await startGateway(ground, { ...NO_LIMITS, GATEHOUSE_LIMITS__SEARCH_PER_MIN: "2" });
  const ask = askerOf(strict, (await ground.key({ role: "viewer" })).secret);
  const answers = [];
  for (let n = 0; n < 3; n++) answers.push(await search(ask, { query: "boiler" }));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  await strict.stop();
});
