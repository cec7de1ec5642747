import { describe, expect, test } from "vitest";
import { staysCalm } from "../calling/misbehaving.testing.ts";
import { bodyOf, json, startTestServer, type TestServer } from "../calling/test-server.ts";
import { createReranker, type RerankerConfig } from "../mod.ts";

const signal = new AbortController().signal;
type Own = RerankerConfig extends infer C ? (C extends RerankerConfig ? Omit<C, "url"> : never) : never;

interface Asked {
  url: string | undefined;
  body: { texts?: string[]; documents?: string[] };
}

/** A server of every kind, whose scores are the texts' lengths in hundreds. */
async function startServer(): Promise<TestServer & { asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = await startTestServer(async (request, response) => {
    const { url } = request;
    if (url === "/info") return json(response, { model_id: "BAAI/bge-reranker", model_sha: "abc" });
    const body = JSON.parse((await bodyOf(request)).toString());
    asked.push({ url, body });
    const ranks = (body.texts ?? body.documents).map((text: string, index: number) => ({
      index,
      score: text.length / 100,
    }));
    if (url === "/rerank") return json(response, ranks.reverse());
    if (url === "/reranker") return json(response, { results: ranks, model: "own" });
    const results = ranks.map(({ index, score }: { index: number; score: number }) => ({
      index,
      relevance_score: score,
      document: { text: "…" },
    }));
    return json(response, { id: "1", model: "bge", results, usage: { total_tokens: 9 } });
  });
  return { ...server, asked };
}

const texts = ["bb", "a", "cccc", "dd"];
test.each<[Own, Asked, object]>([
  [
    { kind: "tei" },
    { url: "/rerank", body: { query: "q", texts, raw_scores: false, return_text: false, truncate: true } as object },
    { name: "BAAI/bge-reranker", version: "abc", backend: "tei" },
  ],
  [
    { kind: "openai", model: "bge-reranker" },
    { url: "/v1/rerank", body: { model: "bge-reranker", query: "q", documents: texts, top_n: 4 } as object },
    { name: "bge", version: "unknown", backend: "openai" },
  ],
  [
    { kind: "ray-serve" },
    { url: "/reranker", body: { query: "q", documents: texts, top_k: 4 } as object },
    { name: "own", version: "unknown", backend: "ray-serve" },
  ],
])(
  "rank() asks a server of %j in its own words, and gives every text once, the best first",
  async (own, asked, model) => {
    await using server = await startServer();
    const reranker = createReranker([{ ...own, url: server.url }]);
    const answer = await reranker.rank("q", texts, { signal });
    await reranker.close();
    expect(server.asked).toEqual([asked]);
    expect(answer).toEqual({
      model,
      ranked: [
        { index: 2, score: 0.04 },
        { index: 0, score: 0.02 },
        { index: 3, score: 0.02 },
        { index: 1, score: 0.01 },
      ],
    });
  },
);

test("rank() asks Text Embeddings Inference about 32 texts at a time", async () => {
  await using server = await startServer();
  const reranker = createReranker([{ kind: "tei", url: server.url }]);
  const many = Array.from({ length: 70 }, (_, at) => "x".repeat(at + 1));
  const { ranked } = await reranker.rank("q", many, { signal });
  await reranker.close();
  expect(server.asked.map(({ body }) => body.texts!.length).sort()).toEqual([32, 32, 6]);
  expect(ranked.map(({ index }) => index)).toEqual(many.map((_, at) => 69 - at));
});

test("rank() asks a server that is free about all parts, though they are more than its slots", async () => {
  await using busy = await startTestServer(() => {});
  await using free = await startServer();
  const list = [busy, free].map(({ url }) => ({ kind: "tei" as const, url, in_flight: 1 }));
  const reranker = createReranker(list);
  const other = new AbortController();
  const waiting = reranker.rank("q", ["a"], { signal: other.signal });
  await busy.received(1);
  const { ranked } = await reranker.rank("q", Array(200).fill("a"), { signal });
  expect([ranked.length, free.asked.length]).toEqual([200, 7]);
  other.abort(new Error("not wanted any more"));
  await expect(waiting).rejects.toThrow("not wanted any more");
  await reranker.close();
});

test.each([
  ["an empty query", "", ["a"], "the query must have characters: it is empty"],
  ["no texts", "q", [], "there must be 1..1000 texts: current count is 0"],
  ["too many texts", "q", Array(1_001).fill("a"), "there must be 1..1000 texts: current count is 1001"],
])("rank() refuses %s before anything is sent", async (_, query, asked, message) => {
  await using server = await startServer();
  const reranker = createReranker([{ kind: "ray-serve", url: server.url }]);
  await expect(reranker.rank(query, asked, { signal })).rejects.toMatchObject({
    code: "MODEL_REFUSED",
    message: expect.stringContaining(message),
  });
  await reranker.close();
  expect(server.asked).toEqual([]);
});

test("rank() goes past an entry that is down, and probe() is content with one that is well", async () => {
  await using server = await startServer();
  const reranker = createReranker(
    [
      { kind: "openai", model: "m", url: "http://127.0.0.1:9" },
      { kind: "ray-serve", url: server.url },
    ],
    { tries: 1 },
  );
  expect((await reranker.rank("q", ["a"], { signal })).model.name).toBe("own");
  await reranker.close();
});

test("rank() gives up with its caller, with every part that is under way", async () => {
  await using server = await startTestServer(() => {});
  const reranker = createReranker([{ kind: "tei", url: server.url }]);
  const caller = new AbortController();
  const asked = reranker.rank("q", Array(64).fill("a"), { signal: caller.signal });
  await server.received(2);
  const closed = Promise.all(server.sockets.map((socket) => new Promise((done) => socket.once("close", done))));
  caller.abort(new Error("not wanted any more"));
  await expect(asked).rejects.toThrow("not wanted any more");
  await closed;
  await reranker.close();
});

test.each<[Own, string]>([
  [{ kind: "tei" }, "/health"],
  [{ kind: "openai", model: "m" }, "/v1/models"],
  [{ kind: "ray-serve" }, "/-/healthz"],
])("probe() of %j asks %s", async (own, path) => {
  let status = 200;
  await using server = await startTestServer((_, response) => json(response, {}, { status }));
  const reranker = createReranker([{ ...own, url: server.url }]);
  await reranker.probe(signal);
  status = 503;
  await expect(reranker.probe(signal)).rejects.toMatchObject({ code: "RERANKER_DOWN", dependency: "reranker" });
  expect(server.requests.map(({ url }) => url)).toEqual([path, path]);
  await reranker.close();
});

test("createReranker() refuses an empty list", () => {
  expect(() => createReranker([])).toThrow("Cannot use models.reranker as its list must have an entry: it is empty");
});

const results = (...list: object[]) => ({ results: list });
const first = { index: 0, relevance_score: 1 };
const listed: [string, unknown, string][] = [
  ["no results", {}, "results is missing"],
  ["a text too few", results(), "each of 0..0 must be ranked once: 0 is not"],
  ["a text twice", results(first, first), "each of 0..0 must be ranked once: 0 is not"],
  ["a text that was not asked about", results({ ...first, index: 1 }), "each of 0..0 must be ranked once: 1 is not"],
  ["no score", results({ index: 0 }), "results[0] must have a relevance_score: it has none"],
  ["null as score", results({ index: 0, relevance_score: null }), "results[0].relevance_score must be a number"],
  [
    "an infinite score",
    '{"results":[{"index":0,"relevance_score":1e999}]}',
    "results[0].relevance_score must be a number",
  ],
];
const kinds: [RerankerConfig, string, [string, unknown, string][]][] = [
  [
    { kind: "tei", url: "" },
    "rank texts at",
    [
      ["no score", [{ index: 0 }], "[0].score is missing"],
      [
        "a text twice",
        [
          { index: 0, score: 1 },
          { index: 0, score: 1 },
        ],
        "each of 0..0 must be ranked once: 0 is not",
      ],
      ["a text too few", [], "each of 0..0 must be ranked once: 0 is not"],
      ["half an index", [{ index: 0.5, score: 1 }], "[0].index must be a whole number"],
    ],
  ],
  [{ kind: "openai", url: "", model: "m" }, 'rank texts of model "m" at', listed],
  [{ kind: "ray-serve", url: "" }, "rank texts at", listed],
];
describe.each(kinds)("%j", (config, action, wrong) => {
  staysCalm({
    name: "rank()",
    async ask(url, { timeout_ms, calling }) {
      const reranker = createReranker([{ ...config, url, timeout_ms }], calling);
      return reranker.rank("q", ["a text"], { signal }).finally(() => reranker.close());
    },
    prefix: "RERANKER",
    action,
    dependency: "reranker",
    wrong,
  });
});
