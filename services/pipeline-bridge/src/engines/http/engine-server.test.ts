import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { mkdtemp, open as openFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { certificateOfLoopback } from "./certificate.testing.ts";
import { EngineServer, type EngineServerOptions } from "./engine-server.ts";
import { answerJson, type PlainAnswer, startPlainServer } from "./plain-server.testing.ts";

const { signal } = new AbortController();
const get = { action: "look", method: "GET", path: "/runs" } as const;
const post = { action: 'submit run "gh-1"', method: "POST", path: "/runs", body: { a: 1 } } as const;
const events = { "content-type": "text/event-stream" };

const open = (url: string, options: Partial<EngineServerOptions> = {}) =>
  new EngineServer({
    engine: "argo",
    url,
    token: null,
    ca_file: null,
    timeout_ms: 5_000,
    is_503_sure: true,
    ...options,
  });

async function setup(answer: PlainAnswer, options: Partial<EngineServerOptions> = {}) {
  const server = await startPlainServer(answer);
  const engine = open(server.url, options);
  const close = async () => {
    await engine.close();
    await server[Symbol.asyncDispose]();
  };
  return { server, engine, [Symbol.asyncDispose]: close };
}

async function folder() {
  const path = await mkdtemp(join(tmpdir(), "engine-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test("ask() sends JSON behind the url's own path and gives the answer", async () => {
  await using world = await setup((response) => answerJson(response, { ok: true }));
  const engine = open(`${world.server.url}/argo/`);
  const { status, json } = await engine.ask({ ...post, query: { fields: "a,b", limit: 5 } }, signal);
  await engine.close();
  expect({ status, json }).toEqual({ status: 200, json: { ok: true } });
  expect(world.server.requests).toEqual([
    { method: "POST", url: "/argo/runs?fields=a%2Cb&limit=5", authorization: undefined, body: '{"a":1}' },
  ]);
});

test.each([
  [400, post, "ENGINE_REFUSED", "never"],
  [404, get, "ENGINE_REFUSED", "never"],
  [401, post, "ENGINE_UNAUTHORIZED", "never"],
  [403, post, "ENGINE_UNAUTHORIZED", "never"],
  [302, get, "ENGINE_UNAUTHORIZED", "never"],
  [500, post, "ENGINE_IN_DOUBT", "later"],
  [504, post, "ENGINE_IN_DOUBT", "later"],
  [503, post, "ENGINE_AWAY", "later"],
  [500, get, "ENGINE_AWAY", "later"],
])("ask() maps %i to %o as %s", async (status, request, code, retry) => {
  await using world = await setup((response) => answerJson(response, { code: 5, message: "no such template" }, status));
  await expect(world.engine.ask(request, signal)).rejects.toMatchObject({
    code,
    retry,
    dependency: null,
    facts: { status },
  });
});

test("ask() is in doubt about a 503 where the engine may have applied the change", async () => {
  await using world = await setup((response) => answerJson(response, {}, 503), { is_503_sure: false });
  await expect(world.engine.ask(post, signal)).rejects.toMatchObject({ code: "ENGINE_IN_DOUBT" });
});

test("ask() tells how long a busy engine is to be left alone", async () => {
  await using world = await setup((response, count) =>
    answerJson(
      response,
      {},
      429,
      count === 1 ? { "retry-after": "7" } : count === 2 ? {} : { "retry-after": "31536000" },
    ),
  );
  await expect(world.engine.ask(post, signal)).rejects.toMatchObject({ code: "ENGINE_BUSY", retry_after_ms: 7_000 });
  await expect(world.engine.ask(post, signal)).rejects.toMatchObject({ code: "ENGINE_BUSY", retry_after_ms: 1_000 });
  await expect(world.engine.ask(post, signal)).rejects.toMatchObject({ retry_after_ms: 3_600_000 });
});

test("ask() takes nobody's 404 but the engine's", async () => {
  await using world = await setup((response, count) =>
    count === 3 ? answerJson(response, { code: 5 }, 404) : response.writeHead(404).end("<html>default backend - 404"),
  );
  const accepting = { ...post, accept: [404] };
  await expect(world.engine.ask(accepting, signal)).rejects.toMatchObject({ code: "ENGINE_AWAY" });
  await expect(world.engine.ask(post, signal)).rejects.toMatchObject({ code: "ENGINE_AWAY" });
  expect(await world.engine.ask(accepting, signal)).toMatchObject({ status: 404 });
});

test("ask() gives an accepted status with the engine's words", async () => {
  await using world = await setup((response) => answerJson(response, { code: 6, message: "already there" }, 409));
  const answer = await world.engine.ask({ ...post, accept: [409] }, signal);
  expect(answer).toMatchObject({ status: 409, json: null, words: "already there" });
});

test("ask() is in doubt when the connection is cut after the request was sent, and is not for a question", async () => {
  await using world = await setup((response) => response.destroy());
  await expect(world.engine.ask(post, signal)).rejects.toMatchObject({
    code: "ENGINE_IN_DOUBT",
    facts: { sent: true },
  });
  await expect(world.engine.ask(get, signal)).rejects.toMatchObject({ code: "ENGINE_AWAY" });
});

test("ask() is in doubt when the answer to a change is cut in its middle or comes too late", async () => {
  await using cut = await setup((response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{", () => response.destroy());
  });
  await expect(cut.engine.ask(post, signal)).rejects.toMatchObject({ code: "ENGINE_IN_DOUBT" });
  await using late = await setup(() => undefined, { timeout_ms: 50 });
  await expect(late.engine.ask(post, signal)).rejects.toMatchObject({ code: "ENGINE_IN_DOUBT" });
});

test("ask() knows that nothing was sent when nobody listens", async () => {
  const server = await startPlainServer(() => undefined);
  await server[Symbol.asyncDispose]();
  const engine = open(server.url);
  await expect(engine.ask(post, signal)).rejects.toMatchObject({
    code: "ENGINE_AWAY",
    facts: { sent: false, socket: "ECONNREFUSED" },
  });
  await engine.close();
});

test("ask() refuses an answer that is no JSON", async () => {
  await using world = await setup((response) => response.end("<html>"));
  await expect(world.engine.ask(post, signal)).rejects.toMatchObject({
    code: "ENGINE_ANSWER_MALFORMED",
    message: expect.stringContaining("the answer must be JSON"),
  });
});

test("ask() throws its caller's reason and lets go of the socket", async () => {
  const stop = new AbortController();
  const closed = Promise.withResolvers<void>();
  await using world = await setup((response) => {
    response.on("close", () => closed.resolve());
    stop.abort(new Error("stopping"));
  });
  await expect(world.engine.ask(post, stop.signal)).rejects.toThrow("stopping");
  await closed.promise;
});

test("ask() sends the token that its file holds now, and asks once more after a 401 only when it was rotated", async () => {
  await using dir = await folder();
  const file = join(dir.path, "token");
  await writeFile(file, "first\n");
  await using world = await setup(
    async (response, count) => {
      if (count === 2) await rotate(file, "other");
      answerJson(response, { message: "first is unknown" }, count === 1 || count === 3 ? 200 : 401);
    },
    { token: { file } },
  );
  await world.engine.ask(get, signal);
  await world.engine.ask(get, signal);
  const refused = world.engine.ask(get, signal);
  await expect(refused).rejects.toMatchObject({
    code: "ENGINE_UNAUTHORIZED",
    message: expect.stringContaining("token file"),
  });
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringMatching(/first|other/) });
  expect(world.server.requests.map(({ authorization }) => authorization)).toEqual([
    "Bearer first",
    "Bearer first",
    "Bearer other",
    "Bearer other",
  ]);
});

test("ask() asks once more after a 401 when the token was rotated for another request meanwhile", async () => {
  await using dir = await folder();
  const file = join(dir.path, "token");
  await writeFile(file, "first");
  const [begun, refuse] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using world = await setup(
    async (response, count) => {
      if (count === 1) begun.resolve();
      if (count === 1) await refuse.promise;
      answerJson(response, {}, count === 1 ? 401 : 200);
    },
    { token: { file } },
  );
  const first = world.engine.ask(get, signal);
  await begun.promise;
  await rotate(file, "other");
  await world.engine.ask(get, signal);
  refuse.resolve();
  expect(await first).toMatchObject({ status: 200 });
});

test.each(["token file", "CA file"])("ask() waits no longer for a %s than for an answer", async (which) => {
  await using dir = await folder();
  const file = join(dir.path, "pipe");
  execFileSync("mkfifo", [file]);
  await using server = await startPlainServer((response) => answerJson(response, {}), certificateOfLoopback());
  const engine = open(server.url, {
    timeout_ms: 50,
    ...(which === "CA file" ? { ca_file: file } : { token: { file } }),
  });
  await expect(engine.ask(post, signal)).rejects.toMatchObject({ code: "ENGINE_AWAY" });
  await (await openFile(file, constants.O_RDWR)).close();
  await engine.close();
});

test("ask() says which token file cannot be used, and what it held last serves while it is replaced", async () => {
  await using dir = await folder();
  const file = join(dir.path, "token");
  await using world = await setup((response) => answerJson(response, {}), { token: { file } });
  await expect(world.engine.ask(get, signal)).rejects.toMatchObject({
    code: "ENGINE_UNAUTHORIZED",
    message: expect.stringContaining(file),
  });
  await writeFile(file, "first");
  await world.engine.ask(get, signal);
  await writeFile(file, "");
  await world.engine.ask(get, signal);
  expect(world.server.requests.map(({ authorization }) => authorization)).toEqual(["Bearer first", "Bearer first"]);
});

test("ask() trusts whom the CA file names now, and nobody without it", async () => {
  await using dir = await folder();
  const ca_file = join(dir.path, "ca");
  const tls = certificateOfLoopback();
  await using server = await startPlainServer((response) => answerJson(response, { ok: true }), tls);
  const [trusting, stranger] = [open(server.url, { ca_file }), open(server.url)];
  await expect(trusting.ask(post, signal)).rejects.toMatchObject({
    code: "ENGINE_AWAY",
    message: expect.stringContaining(ca_file),
  });
  await writeFile(ca_file, tls.cert);
  expect(await trusting.ask(post, signal)).toMatchObject({ json: { ok: true } });
  await expect(stranger.ask(post, signal)).rejects.toMatchObject({
    code: "ENGINE_AWAY",
    message: expect.stringContaining("ca_file"),
  });
  await Promise.all([trusting.close(), stranger.close()]);
  expect(server.requests.length).toBe(1);
});

test("stream() gives bytes as they come and ends as the engine does, and takes nothing else for events", async () => {
  await using world = await setup((response, count) => {
    if (count === 1) response.writeHead(200, events);
    response.end("data: 1\n\n");
  });
  expect(await textOf(await world.engine.stream(get, { signal, idle_ms: 5_000 }))).toBe("data: 1\n\n");
  await expect(world.engine.stream(get, { signal, idle_ms: 5_000 })).rejects.toMatchObject({
    code: "ENGINE_ANSWER_MALFORMED",
    message: expect.stringContaining("text/event-stream"),
  });
});

test("stream() leaves connections to those who ask", async () => {
  await using world = await setup((response, _count, { url }) =>
    url === "/streams" ? response.writeHead(200, events).flushHeaders() : answerJson(response, {}),
  );
  const stop = new AbortController();
  const one = { ...get, path: "/streams" };
  const opening = Array.from({ length: 100 }, () => world.engine.stream(one, { signal: stop.signal, idle_ms: 5_000 }));
  const streams = await Promise.all(opening);
  expect(await world.engine.ask(get, signal)).toMatchObject({ status: 200 });
  stop.abort();
  for (const bytes of streams) await bytes.next().catch(() => undefined);
});

test("stream() ends with an error when the engine falls silent or is cut off, and with the caller's reason", async () => {
  await using world = await setup((response, count) => {
    response.writeHead(200, events).write("data: 1\n\n");
    if (count === 2) response.destroy();
  });
  const read = async (idle_ms: number) => textOf(await world.engine.stream(get, { signal, idle_ms }));
  await expect(read(30)).rejects.toMatchObject({
    code: "ENGINE_AWAY",
    message: expect.stringContaining("within 30 ms"),
  });
  await expect(read(5_000)).rejects.toMatchObject({ code: "ENGINE_AWAY" });
  const stop = new AbortController();
  const parts = await world.engine.stream(get, { signal: stop.signal, idle_ms: 5_000 });
  await parts.next();
  stop.abort(new Error("stopping"));
  await expect(parts.next()).rejects.toThrow("stopping");
});

async function rotate(file: string, token: string): Promise<void> {
  await writeFile(`${file}.new`, token);
  await rename(`${file}.new`, file);
}

async function textOf(parts: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of parts) text += Buffer.from(part).toString();
  return text;
}
