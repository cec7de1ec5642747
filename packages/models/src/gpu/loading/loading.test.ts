import type { IncomingMessage } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, bodyOf, json, startTestServer } from "../../calling/test-server.ts";
import type { LoadingConfig } from "../config.ts";
import { createLoading, type ModelLoading } from "./loading.ts";

const forever = new AbortController().signal;

type Said = { request: string; body: unknown };

/** A model at a server that answers as told; `said` is what it was asked. */
async function setup(
  answer: (said: Said, respond: (body: unknown, status?: number) => void, count: number) => void,
  { config, mayAsk = () => true }: { config: (url: string) => LoadingConfig; mayAsk?: () => boolean },
): Promise<{ model: ModelLoading; said: Said[]; server: Awaited<ReturnType<typeof startTestServer>> }> {
  const said: Said[] = [];
  const read = async (request: IncomingMessage) => {
    const text = (await bodyOf(request)).toString();
    return { request: `${request.method} ${request.url}`, body: text ? JSON.parse(text) : null };
  };
  const onRequest: Answer = async (request, response, count) => {
    const one = await read(request);
    said.push(one);
    answer(one, (body, status = 200) => json(response, body, { status }), count);
  };
  const server = await startTestServer(onRequest);
  const model = createLoading({ name: "m", load: config(server.url) }, mayAsk);
  onTestFinished(async () => {
    await model.close();
    await server[Symbol.asyncDispose]();
  });
  return { model, said, server };
}

const triton = (url: string): LoadingConfig => ({ kind: "triton", url, model: "yolo", timeout_ms: 2_000 });
const ollama = (url: string): LoadingConfig => ({ kind: "ollama", url, model: "qwen3", timeout_ms: 2_000 });

test("load() of Triton asks for the load and waits until the model says that it is ready", async () => {
  let asked = 0;
  const { model, said } = await setup(
    ({ request }, respond) => respond({}, request.startsWith("GET") && ++asked < 3 ? 400 : 200),
    { config: triton },
  );
  await model.load(forever);
  expect(said.map(({ request }) => request)).toEqual([
    "POST /v2/repository/models/yolo/load",
    ...Array(3).fill("GET /v2/models/yolo/ready"),
  ]);
});

test("unload() of Triton takes the models of an ensemble along and waits until the index says that it is gone", async () => {
  const states = ["READY", "UNLOADING", "UNAVAILABLE"];
  const { model, said } = await setup(
    ({ request }, respond) =>
      respond(
        request.endsWith("index")
          ? [
              { name: "other", state: "READY" },
              { name: "yolo", state: states.shift() },
            ]
          : {},
      ),
    { config: triton },
  );
  await model.unload(forever);
  expect(said[0]).toEqual({
    request: "POST /v2/repository/models/yolo/unload",
    body: { parameters: { unload_dependents: true } },
  });
  expect(said).toHaveLength(4);
});

test("isLoaded() of Triton takes a model that is not in the index for one that is not loaded", async () => {
  const { model } = await setup((_said, respond) => respond([{ name: "yolo" }]), { config: triton });
  expect(await model.isLoaded(forever)).toBe(false);
});

test("load() of Ollama keeps the model for ever and waits until it is listed", async () => {
  let listed = 0;
  const { model, said } = await setup(
    ({ request }, respond) => {
      if (request.endsWith("ps")) respond({ models: ++listed < 2 ? [] : [{ name: "qwen3:latest" }] });
      else respond({ done: true, done_reason: "load" });
    },
    { config: ollama },
  );
  await model.load(forever);
  expect(said[0]).toEqual({ request: "POST /api/generate", body: { model: "qwen3", keep_alive: -1, stream: false } });
  expect(said.slice(1).map(({ request }) => request)).toEqual(["GET /api/ps", "GET /api/ps"]);
});

test("load() of Ollama loads what cannot generate by an empty input", async () => {
  const { model, said } = await setup(
    ({ request }, respond) => {
      if (request.endsWith("generate")) respond({ error: '"qwen3" does not support generate' }, 400);
      else respond(request.endsWith("ps") ? { models: [{ model: "qwen3:latest" }] } : { embeddings: [] });
    },
    { config: ollama },
  );
  await model.load(forever);
  expect(said[1]).toEqual({
    request: "POST /api/embed",
    body: { model: "qwen3", keep_alive: -1, stream: false, input: "" },
  });
});

test("unload() of Ollama waits until the model is no longer listed", async () => {
  const lists = [[{ name: "qwen3:latest" }], [{ name: "qwen3:8b" }]];
  const { model, said } = await setup(
    ({ request }, respond) => respond(request.endsWith("ps") ? { models: lists.shift() } : {}),
    { config: ollama },
  );
  await model.unload(forever);
  expect(said.map(({ request }) => request)).toEqual(["POST /api/generate", "GET /api/ps", "GET /api/ps"]);
  expect(said[0]!.body).toMatchObject({ keep_alive: 0 });
});

test("a webhook is told the model at its two addresses, and is believed", async () => {
  const { model, said } = await setup((_said, respond) => respond({}, 202), {
    config: (url) => ({ kind: "webhook", load_url: `${url}/up`, unload_url: url }),
  });
  await model.load(forever);
  await model.unload(forever);
  expect([said, await model.isLoaded(forever)]).toEqual([
    [
      { request: "POST /up", body: { model: "m" } },
      { request: "POST /", body: { model: "m" } },
    ],
    null,
  ]);
});

test("a model whose server keeps it is always loaded", async () => {
  const model = createLoading({ name: "m", load: { kind: "none" } }, () => true);
  await model.load(forever);
  expect(await model.isLoaded(forever)).toBe(true);
});

const faults: [string, Parameters<typeof setup>[0], RegExp][] = [
  [
    "refuses",
    (_said, respond) => respond({ error: "out of memory" }, 500),
    /must be 2xx: current value is 500 "out of memory"$/,
  ],
  [
    "answers without sense",
    ({ request }, respond) => respond(request.endsWith("load") ? {} : "", request.endsWith("load") ? 200 : 400),
    /say that the model is ready within 300 ms/,
  ],
  ["never answers", () => undefined, /the server must answer within 300 ms: it did not$/],
];
test.each(faults)("load() says what is wrong with a server that %s", async (_what, answer, words) => {
  const { model } = await setup(answer, { config: (url) => ({ kind: "triton", url, timeout_ms: 300 }) });
  await expect(model.load(forever)).rejects.toMatchObject({
    code: "GPU_LOAD_FAILED",
    retry: "later",
    message: expect.stringMatching(words),
  });
});

test("isLoaded() says when the index is no JSON, and when nobody is there", async () => {
  const { model, server } = await setup((_said, respond) => respond(undefined), { config: triton });
  await expect(model.isLoaded(forever)).rejects.toThrow(/the answer must be JSON/);
  await server[Symbol.asyncDispose]();
  await expect(model.isLoaded(forever)).rejects.toThrow(/current state is "(ECONNREFUSED|UND_ERR_SOCKET)"/);
});

test("load() ends with the signal, and closes its socket", async () => {
  const { model, server } = await setup(() => undefined, { config: triton });
  const giving_up = new AbortController();
  const loading = model.load(giving_up.signal);
  await server.received(1);
  const closed = new Promise((resolve) => server.sockets[0]!.once("close", resolve));
  giving_up.abort(new Error("enough"));
  await expect(loading).rejects.toThrow("enough");
  await closed;
});

test("load() sends nothing when the right to it has lapsed while the connection was made", async () => {
  let right = true;
  const { model, said, server } = await setup((_said, respond) => respond({}), { config: triton, mayAsk: () => right });
  const loading = model.load(forever);
  right = false;
  await expect(loading).rejects.toThrow("lapsed");
  await server[Symbol.asyncDispose]();
  expect(said).toEqual([]);
});

test("a secret goes with the request and is in no error", async () => {
  process.env.GPU_TEST_KEY = "s3cret";
  onTestFinished(() => void delete process.env.GPU_TEST_KEY);
  const { model, server } = await setup((_said, respond) => respond({ error: "bad key s3cret" }, 401), {
    config: (url) => ({ kind: "webhook", load_url: url, unload_url: url, api_key: { env: "GPU_TEST_KEY" } }),
  });
  await expect(model.load(forever)).rejects.toThrow(/401 "bad key \*\*\*"$/);
  expect(server.requests[0]!.headers.authorization).toBe("Bearer s3cret");
});
