import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { TestGateway } from "../gateway/gateway.testing.ts";
import { type Ran, runCommand } from "../run-command.testing.ts";

interface Taken {
  uri: string;
  collection: string;
  title: string | null;
  media_type: string;
  body: string;
}

const idOf = (at: number): string => `0000000000a${at}ffff`;

/** A folder with documents, and a gateway that keeps what is sent: the first look at a document finds it half done. */
async function setup() {
  const gateway = await TestGateway.start();
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "gatehouse-docs-")));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const taken: Taken[] = [];
  const looks: number[] = [];
  const row = (at: number) => {
    const state = looks[at]!++ > 0 ? "ready" : "indexing";
    const { uri, collection, title } = taken[at]!;
    const passages = { passages: 2, embedded: state === "ready" ? 2 : 1 };
    return { document_id: idOf(at), uri, collection, title, state, error: null, ...passages, updated_at_ms: 1 };
  };
  gateway.routes["PUT /api/documents"] = ({ url, headers }, body) => {
    const query = new URL(url!, gateway.access.url).searchParams;
    const uri = query.get("uri")!;
    const known = taken.findIndex((one) => one.uri === uri);
    const at = known === -1 ? taken.length : known;
    const text = Buffer.from(body as Buffer).toString();
    const unchanged = taken[at]?.body === text;
    const collection = query.get("collection") ?? "documents";
    taken[at] = { uri, collection, title: query.get("title"), media_type: headers["content-type"]!, body: text };
    looks[at] = unchanged ? 1 : 0;
    gateway.routes[`GET /api/documents/${idOf(at)}`] = () => [200, row(at)];
    return [202, { document_id: idOf(at), state: unchanged ? "ready" : "waiting", unchanged }];
  };
  gateway.routes["GET /api/documents"] = () => [200, { items: taken.map((_one, at) => row(at)), next_cursor: null }];
  const env = { GATEHOUSE_URL: gateway.access.url, GATEHOUSE_KEY: gateway.access.key };
  const docs = (args: string[], own: Parameters<typeof runCommand>[1] = {}): Promise<Ran> =>
    runCommand(["docs", ...args], { env, cwd, ...own });
  const write = (name: string, text: string) => {
    mkdirSync(join(cwd, name, ".."), { recursive: true });
    writeFileSync(join(cwd, name), text);
  };
  return { gateway, cwd, taken, docs, write };
}

test("docs add sends files, patterns and folders once each, and says what became of them", async () => {
  const { cwd, docs, write, taken } = await setup();
  for (const name of ["a.md", "notes/b.txt", "notes/deep/c.html", "notes/.hidden/d.md", "notes/e.png"])
    write(name, name);
  const { code, out, err } = await docs(["add", "a.md", "*.md", "notes", "--recursive", "--collection", "house"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toBe("✓ a.md  2 passages\n✓ notes/b.txt  2 passages\n✓ notes/deep/c.html  2 passages\n3 added\n");
  const uri = (name: string) => pathToFileURL(join(cwd, name)).href;
  const common = { collection: "house", title: null };
  expect(taken).toEqual([
    { ...common, uri: uri("a.md"), media_type: "text/markdown", body: "a.md" },
    { ...common, uri: uri("notes/b.txt"), media_type: "text/plain", body: "notes/b.txt" },
    { ...common, uri: uri("notes/deep/c.html"), media_type: "text/html", body: "notes/deep/c.html" },
  ]);
});

test("docs add tells what was unchanged, and as JSON a line for each", async () => {
  const { cwd, docs, write } = await setup();
  write("a.md", "one");
  write("b.md", "two");
  expect((await docs(["add", "a.md"])).code).toBe(0);
  expect((await docs(["add", "a.md", "b.md"])).out).toBe(
    "= a.md  unchanged\n✓ b.md  2 passages\n1 added, 1 unchanged\n",
  );
  const lines = (await docs(["add", "*.md", "--json"])).out.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    ["a.md", "b.md"].map((file, at) => ({
      file,
      document_id: idOf(at),
      uri: pathToFileURL(join(cwd, file)).href,
      state: "ready",
      passages: null,
      unchanged: true,
    })),
  );
});

test("docs add finds its documents when others add so many that the list does not show them", async () => {
  const { gateway, docs, write } = await setup();
  gateway.routes["GET /api/documents"] = () => [200, { items: [], next_cursor: "more" }];
  write("a.md", "one");
  write("b.md", "two");
  expect((await docs(["add", "a.md", "b.md"])).out).toBe("✓ a.md  2 passages\n✓ b.md  2 passages\n2 added\n");
});

test("docs add reads standard input under a title, and guesses what it is", async () => {
  const { docs, taken } = await setup();
  const stdin = Readable.from([Buffer.from("<!doctype html><p>Open at 9")]);
  expect((await docs(["add", "-", "--title", "opening hours"], { stdin })).code).toBe(0);
  expect(taken).toMatchObject([{ uri: "stdin:opening%20hours", title: "opening hours", media_type: "text/html" }]);
});

test("docs add goes on after a document that is refused, and ends with 1", async () => {
  const { gateway, docs, write } = await setup();
  write("a.md", "one");
  write("b.pdf", "no pdf");
  const put = gateway.routes["PUT /api/documents"]!;
  const error = { code: "UNREADABLE_DOCUMENT", message: "It is no PDF", retryable: false };
  gateway.routes["PUT /api/documents"] = (request, body) =>
    request.headers["content-type"] === "application/pdf" ? [422, { error }] : put(request, body);
  expect(await docs(["add", "b.pdf", "a.md"])).toEqual({
    code: 1,
    out: "✓ a.md  2 passages\n1 added, 1 failed\n",
    err: "✗ b.pdf  UNREADABLE_DOCUMENT  It is no PDF\n",
  });
  expect((await docs(["add", "none.md"])).code).toBe(1);
  expect((await docs(["add", "none/*.md"])).err).toContain("it matches none");
  for (const args of [["."], ["a.md", "b.pdf", "--title", "x"]]) expect((await docs(["add", ...args])).code).toBe(2);
});

test("docs add stops early at Ctrl-C, and says how to go on", async () => {
  const { gateway, docs, write } = await setup();
  write("a.md", "one");
  write("b.md", "two");
  const stopping = new AbortController();
  const put = gateway.routes["PUT /api/documents"]!;
  gateway.routes["PUT /api/documents"] = (request, body) => {
    setImmediate(() => stopping.abort("Ctrl-C"));
    return put(request, body);
  };
  const interrupts = { first: stopping.signal, second: new AbortController().signal };
  const { code, err } = await docs(["add", "a.md", "b.md"], { interrupts });
  expect(code).toBe(1);
  expect(err).toContain("The same command again goes on\n");
  gateway.routes["PUT /api/documents"] = put;
  expect((await docs(["add", "a.md", "b.md"])).out).toMatch(/1 added, 1 unchanged\n$/);
});

test("docs list, search and remove find documents as a person names them", async () => {
  const { gateway, docs, write } = await setup();
  expect((await docs(["list"])).out).toBe("No documents: gatehouse docs add <file...>\n");
  write("notes/a.md", "one");
  await docs(["add", "notes/a.md"]);
  expect((await docs(["list"])).out).toMatch(/^0000000000a0 +documents +2 passages +.* notes\/a\.md$/m);
  const asked: unknown[] = [];
  const found = { id: "p-1", kind: "document", text: "Ask Ada", score: 0.934, uri: null };
  gateway.routes["POST /api/documents/search"] = (_request, body) => {
    asked.push(body);
    return [200, { items: [found] }];
  };
  expect((await docs(["search", "gate", "code", "--top-k", "3"])).out).toBe("  [1] p-1  0.93\n      Ask Ada\n");
  expect(JSON.parse((await docs(["search", "gate", "--rerank", "--json"])).out)).toEqual({ items: [found] });
  expect(asked).toEqual([
    { query: "gate code", top_k: 3, rerank: false },
    { query: "gate", rerank: true },
  ]);
  const removed: string[] = [];
  gateway.routes[`DELETE /api/documents/${idOf(0)}`] = ({ url }) => {
    removed.push(url!);
    return [202, {}];
  };
  for (const name of ["notes/a.md", "0000000000a0"])
    expect(await docs(["remove", name])).toEqual({ code: 0, out: `Removed ${name}\n`, err: "" });
  expect(removed).toHaveLength(2);
  expect((await docs(["remove", "notes/none.md"])).code).toBe(2);
});

test("docs reindex asks for everything, or for one collection", async () => {
  const { gateway, docs } = await setup();
  const asked: unknown[] = [];
  gateway.routes["POST /api/documents/reindex"] = (_request, body) => {
    asked.push(body);
    return [202, { passages: 1 }];
  };
  expect((await docs(["reindex"])).out).toMatch(/^To be embedded anew: 1 passage; /);
  expect((await docs(["reindex", "--collection", "house", "--json"])).code).toBe(0);
  expect(asked).toEqual([{}, { collection: "house" }]);
});
