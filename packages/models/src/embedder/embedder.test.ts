import { expect, test } from "vitest";
import { bodyOf, json, startTestServer, type TestServer } from "../calling/test-server.ts";
import { createEmbedder, type EmbedderConfig } from "../mod.ts";

const signal = new AbortController().signal;
type Own = EmbedderConfig extends infer C ? (C extends EmbedderConfig ? Omit<C, "url"> : never) : never;

/** A vector that tells its text apart: its length, and 1. */
const vectorOf = (text: string) => [text.length, 1];
const unit = (text: string) => {
  const length = Math.hypot(text.length, 1);
  return Float32Array.from([text.length / length, 1 / length]);
};

interface Asked {
  url: string | undefined;
  method: string | undefined;
  body: { input?: string[]; inputs?: string[]; truncate?: boolean };
}

/** A server of every kind, which gives `vectorOf`; a list of OpenAI's is given backwards. */
async function startServer(vector = vectorOf): Promise<TestServer & { asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = await startTestServer(async (request, response) => {
    const { url, method } = request;
    const sent = (await bodyOf(request)).toString();
    const body = sent === "" ? {} : JSON.parse(sent);
    asked.push({ url, method, body });
    if (url === "/info")
      return json(response, { model_id: "BAAI/bge-m3", model_sha: "abc", max_client_batch_size: 32 });
    const vectors = (body.inputs ?? body.input ?? []).map(vector);
    if (url === "/embed") return json(response, vectors);
    if (url === "/api/embed") return json(response, { model: "nomic", embeddings: vectors });
    const data = vectors.map((embedding: number[], index: number) => ({ object: "embedding", index, embedding }));
    return json(response, { object: "list", data: data.reverse(), model: "small" });
  });
  return { ...server, asked };
}

test.each<[Own, object, object]>([
  [
    { kind: "tei" },
    { url: "/embed", method: "POST", body: { inputs: ["a", "bcd"], truncate: false, normalize: true } },
    { name: "BAAI/bge-m3", version: "abc", backend: "tei" },
  ],
  [
    { kind: "tei", truncate: true },
    { url: "/embed", method: "POST", body: { inputs: ["a", "bcd"], truncate: true, normalize: true } },
    { name: "BAAI/bge-m3", version: "abc", backend: "tei" },
  ],
  [
    { kind: "openai", model: "e5" },
    { url: "/v1/embeddings", method: "POST", body: { model: "e5", input: ["a", "bcd"], encoding_format: "float" } },
    { name: "small", version: "unknown", backend: "openai" },
  ],
  [
    { kind: "ollama", model: "nomic-embed-text" },
    { url: "/api/embed", method: "POST", body: { model: "nomic-embed-text", input: ["a", "bcd"], truncate: false } },
    { name: "nomic", version: "unknown", backend: "ollama" },
  ],
  [
    { kind: "ray-serve" },
    { url: "/embeddings", method: "POST", body: { input: ["a", "bcd"] } },
    { name: "small", version: "unknown", backend: "ray-serve" },
  ],
])(
  "embed() asks a server of %j in its own words, and gives unit vectors in the order of the texts",
  async (own, asked, model) => {
    await using server = await startServer();
    const embedder = createEmbedder([{ ...own, url: `${server.url}/` }]);
    const answer = await embedder.embed(["a", "bcd"], { signal });
    await embedder.close();
    expect(server.asked[0]).toEqual(asked);
    expect(answer).toEqual({ model, vectors: [unit("a"), unit("bcd")] });
  },
);

test("embed() adds no second /v1 to a url that has one", async () => {
  await using server = await startServer();
  const embedder = createEmbedder([{ kind: "openai", model: "m", url: `${server.url}/v1/` }]);
  await embedder.embed(["a"], { signal });
  await embedder.close();
  expect(server.asked[0]!.url).toBe("/v1/embeddings");
});

test("embed() sends batches of at most 32 texts, four at a time, and keeps everybody's order", async () => {
  await using server = await startServer();
  const embedder = createEmbedder([{ kind: "ray-serve", url: server.url }]);
  const text = (caller: number, at: number) => "x".repeat(1 + caller * 100 + at);
  const callers = [0, 1, 2].map((caller) => Array.from({ length: 70 }, (_, at) => text(caller, at)));
  const answers = await Promise.all(callers.map((texts) => embedder.embed(texts, { signal })));
  await embedder.close();
  expect(answers.map(({ vectors }) => vectors)).toEqual(callers.map((texts) => texts.map(unit)));
  expect(Math.max(...server.asked.map(({ body }) => body.input!.length))).toBe(32);
  expect(server.asked).toHaveLength(Math.ceil(210 / 32));
  expect(server.sockets.length).toBeLessThanOrEqual(4);
});

test("embed() fails the caller alone whose text a server refuses", async () => {
  await using server = await startTestServer(async (request, response) => {
    const { inputs } = JSON.parse((await bodyOf(request)).toString() || "{}");
    if (!inputs) return json(response, {});
    const long = inputs.some((text: string) => text.length > 10);
    const refusal = { error: "`inputs` must have less than 10 tokens. Given: 11", error_type: "Validation" };
    return long ? json(response, refusal, { status: 413 }) : json(response, inputs.map(vectorOf));
  });
  const embedder = createEmbedder([{ kind: "tei", url: server.url }]);
  const calls = [["one"], ["much longer than it may be"], ["three"]].map((texts) => embedder.embed(texts, { signal }));
  const [first, second, third] = await Promise.allSettled(calls);
  await embedder.close();
  expect([first, third]).toMatchObject([
    { value: { vectors: [unit("one")] } },
    { value: { vectors: [unit("three")] } },
  ]);
  expect(second).toMatchObject({
    reason: { code: "MODEL_REFUSED", retry: "never", message: expect.stringContaining("less than 10 tokens") },
  });
});

test.each([
  ["no texts", [], "there must be 1..1000 texts: current count is 0"],
  ["too many texts", Array(1_001).fill("a"), "there must be 1..1000 texts: current count is 1001"],
  ["an empty text", ["a", ""], "texts[1] must have 1..262144 characters: current length is 0"],
  ["an endless text", ["a".repeat(262_145)], "texts[0] must have 1..262144 characters: current length is 262145"],
])("embed() refuses %s before anything is sent", async (_, texts, message) => {
  await using server = await startServer();
  const embedder = createEmbedder([{ kind: "tei", url: server.url }]);
  await expect(embedder.embed(texts, { signal })).rejects.toMatchObject({
    code: "MODEL_REFUSED",
    message: expect.stringContaining(message),
  });
  await embedder.close();
  expect(server.asked).toEqual([]);
});

test("embed() refuses vectors of other dimensions than before, from any entry of its list", async () => {
  await using two = await startServer();
  await using three = await startServer((text) => [text.length, 1, 1]);
  const list = createEmbedder(
    [
      { kind: "ollama", model: "m", url: two.url },
      { kind: "ollama", model: "m", url: three.url, in_flight: 1 },
    ],
    { tries: 1, breaker_failures: 1 },
  );
  await list.embed(["a"], { signal });
  await two[Symbol.asyncDispose]();
  await expect(list.embed(["a"], { signal })).rejects.toMatchObject({
    code: "EMBEDDER_DOWN",
    message: expect.stringContaining(
      `Cannot embed texts of model "m" at "${three.host}" as a vector must have 2 numbers as those before: current length is 3`,
    ),
  });
  await list.close();
});

test("embed() takes the vectors of another model from the server that gave the first, after a call of it failed", async () => {
  let vector = [1, 2];
  await using server = await startServer(() => vector);
  const embedder = createEmbedder([{ kind: "ray-serve", url: server.url }]);
  const lengthNow = async () => (await embedder.embed(["a"], { signal })).vectors[0]!.length;
  expect(await lengthNow()).toBe(2);
  vector = [1, 2, 3];
  await expect(lengthNow()).rejects.toMatchObject({ code: "MODEL_ANSWER", facts: { dimensions: 3 } });
  expect([await lengthNow(), await lengthNow()]).toEqual([3, 3]);
  await embedder.close();
});

test.each<[Own]>([
  [{ kind: "tei" }],
  [{ kind: "openai", model: "m" }],
  [{ kind: "ollama", model: "m" }],
  [{ kind: "ray-serve" }],
])("embed() opens the circuit of a server of %j whose vectors make no sense, not for one among others", async (own) => {
  await using server = await startServer((text) => (text === "good" ? [1] : [0]));
  const embedder = createEmbedder([{ ...own, url: server.url }], { breaker_failures: 1 });
  const calls = await Promise.allSettled([embedder.embed(["good"], { signal }), embedder.embed(["bad"], { signal })]);
  expect(calls).toMatchObject([{ status: "fulfilled" }, { reason: { code: "MODEL_ANSWER" } }]);
  await expect(embedder.embed(["bad"], { signal })).rejects.toMatchObject({ code: "MODEL_ANSWER" });
  await expect(embedder.embed(["good"], { signal })).rejects.toMatchObject({ facts: { circuit: "open" } });
  await embedder.close();
});

test("embed() goes past an entry that is down", async () => {
  await using server = await startServer();
  const embedder = createEmbedder(
    [
      { kind: "tei", url: "http://127.0.0.1:9" },
      { kind: "tei", url: server.url },
    ],
    { tries: 1 },
  );
  expect((await embedder.embed(["a"], { signal })).vectors).toEqual([unit("a")]);
  await embedder.probe(signal);
  await embedder.close();
});

test("embed() gives up with its caller, and the others' texts are embedded", async () => {
  await using server = await startServer();
  const embedder = createEmbedder([{ kind: "ray-serve", url: server.url }]);
  const caller = new AbortController();
  const given_up = embedder.embed(["a", "b"], { signal: caller.signal });
  const other = embedder.embed(["cd"], { signal });
  caller.abort(new Error("not wanted any more"));
  await expect(given_up).rejects.toThrow("not wanted any more");
  expect((await other).vectors).toEqual([unit("cd")]);
  await embedder.close();
});

test("embed() asks which model a server runs once, again after a failure, and goes on without an answer", async () => {
  let status = 200;
  let info: object = { model_id: "first", model_sha: null };
  const paths: string[] = [];
  await using server = await startTestServer((request, response) => {
    paths.push(request.url!);
    if (request.url === "/info") return json(response, info);
    return json(response, status === 200 ? [[1, 2]] : {}, { status });
  });
  const embedder = createEmbedder([{ kind: "tei", url: server.url }], { tries: 1 });
  const nameNow = async () => (await embedder.embed(["a"], { signal })).model;
  expect([await nameNow(), await nameNow()]).toMatchObject([{ name: "first", version: "unknown" }, { name: "first" }]);
  status = 502;
  await expect(nameNow()).rejects.toMatchObject({ code: "EMBEDDER_DOWN" });
  status = 200;
  info = { model_id: "second" };
  expect(await nameNow()).toMatchObject({ name: "second", backend: "tei" });
  expect(paths).toEqual(["/embed", "/info", "/embed", "/embed", "/embed", "/info"]);
  status = 502;
  await expect(nameNow()).rejects.toMatchObject({ code: "EMBEDDER_DOWN" });
  status = 200;
  info = { model_id: 5 };
  expect(await nameNow()).toEqual({ name: "unknown", version: "unknown", backend: "tei" });
  await embedder.close();
});

test("embed() takes a server that cannot say which model it runs for well", async () => {
  await using server = await startTestServer(async (request, response) => {
    if (request.url === "/info") return json(response, {}, { status: 404 });
    return json(response, JSON.parse((await bodyOf(request)).toString()).inputs.map(vectorOf));
  });
  const embedder = createEmbedder([{ kind: "tei", url: server.url }], { tries: 1, breaker_failures: 1 });
  for (let n = 0; n < 3; n++)
    expect((await embedder.embed(["a"], { signal })).model).toEqual({
      name: "unknown",
      version: "unknown",
      backend: "tei",
    });
  expect(server.requests.map(({ url }) => url)).toEqual(["/embed", "/info", "/embed", "/embed"]);
  await embedder.close();
});

test("embed() takes no answer without a name for another model's, only one with another name", async () => {
  const names = [undefined, "small", undefined, "small", "large"];
  await using server = await startTestServer(async (request, response) => {
    const { input } = JSON.parse((await bodyOf(request)).toString());
    const data = input.map((text: string, index: number) => ({ index, embedding: vectorOf(text) }));
    return json(response, { data, model: names.shift() });
  });
  const embedder = createEmbedder([{ kind: "ray-serve", url: server.url, in_flight: 1 }]);
  expect((await embedder.embed(Array(70).fill("a"), { signal })).model.name).toBe("small");
  await expect(embedder.embed(Array(40).fill("a"), { signal })).rejects.toMatchObject({
    message: expect.stringContaining('they were by "small" and "large"'),
  });
  await embedder.close();
});

test.each<[Own, string, boolean]>([
  [{ kind: "tei" }, "/health", false],
  [{ kind: "openai", model: "m" }, "/v1/models", false],
  [{ kind: "ollama", model: "m" }, "/api/version", false],
  [{ kind: "ray-serve" }, "/-/healthz", true],
])("probe() of %j asks %s", async (own, path, may_lack) => {
  let status = 200;
  await using server = await startTestServer((_, response) => json(response, {}, { status }));
  const embedder = createEmbedder([{ ...own, url: server.url }]);
  await embedder.probe(signal);
  status = 404;
  const without = embedder.probe(signal).then(
    () => true,
    () => false,
  );
  expect(await without).toBe(may_lack);
  status = 401;
  await expect(embedder.probe(signal)).rejects.toMatchObject({ code: "EMBEDDER_AUTH", dependency: "embedder" });
  expect(server.requests.map(({ url }) => url)).toEqual([path, path, path]);
  await embedder.close();
});

test("createEmbedder() refuses an empty list", () => {
  expect(() => createEmbedder([])).toThrow("Cannot use models.embedder as its list must have an entry: it is empty");
});
