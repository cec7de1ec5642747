import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createDetector, createLlm, type SpendingStore } from "@gatehouse/models";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { until } from "../../harness/until.ts";
import { type GpuWorld, startGpuWorld } from "./gpu-world.ts";

const forever = { signal: new AbortController().signal };
const picture = { bytes: Buffer.from("x"), media_type: "image/jpeg", width: 10, height: 10 };
let world: GpuWorld;
afterEach(() => world.stop());

/** A store of a day that is spent. */
const SPENT: SpendingStore = { add: async ([account]) => account ?? null };

/** A model server of the test's own. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(
    (request, response) => void request.resume().once("end", () => answer(request, response)),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const found = (name: string) =>
  serve((_request, response) => void response.end(JSON.stringify({ detections: [], model: name })));
/** Streams two words and waits with the end for `finish`. */
const twoWords = (finish: Promise<void>) =>
  serve(async (_request, response) => {
    const said = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
    response.writeHead(200, { "content-type": "text/event-stream" }).write(said("one") + said("two"));
    await finish;
    response.end("data: [DONE]\n\n");
  });

test("an entry that names a model of a card is called when that is loaded, and is well while it is not", async () => {
  world = await startGpuWorld({ name: "yolo", vram_mb: 600 });
  const { gpu } = await world.holder("one");
  const detector = createDetector([{ kind: "http-detect", url: await found("yolo"), gpu: "yolo" }], { gpu });
  await detector.probe(forever.signal);
  expect(world.server.events).toEqual([]);
  await detector.detect(picture, forever);
  expect(world.server.events.map(({ what }) => what)).toEqual(["load begins", "loaded"]);
  await detector.close();
});

test("probe() has a model loaded again that its server lost, without a call", async () => {
  world = await startGpuWorld({ name: "yolo", vram_mb: 600 });
  const { gpu } = await world.holder("one");
  const entry = { kind: "kserve-http", url: world.server.url, model: "yolo", gpu: "yolo" } as const;
  const detector = createDetector([entry], { gpu });
  await gpu.use("yolo", forever, world.call("yolo"));
  await detector.probe(forever.signal);
  world.server.forget();
  await expect(detector.probe(forever.signal)).rejects.toMatchObject({ code: "DETECTOR_DOWN" });
  await world.server.happened("loaded", "yolo", 2);
  await until("it is well", () => detector.probe(forever.signal).then(() => true));
  await detector.close();
});

test("what leans on a list is down while a model of it cannot be loaded, and well when it may be tried again", async () => {
  world = await startGpuWorld({ name: "m", vram_mb: 600 });
  const { gpu } = await world.holder("one");
  const entry = { kind: "http-detect", url: await found("m"), gpu: "m" } as const;
  const detector = createDetector([entry], { gpu });
  const pair = createDetector([entry, entry], { gpu });
  const llm = createLlm([{ kind: "openai", url: "http://127.0.0.1:9", model: "m", gpu: "m" }], { gpu });
  const asked = () => llm.stream({ messages: [{ role: "user", content: "?" }] }, forever).next();
  const down = (dependency: string | null) => ({ code: "GPU_LOAD_FAILED", retry: "later", dependency });
  world.server.failing.add("m");
  await Promise.all([
    expect(detector.detect(picture, forever)).rejects.toMatchObject(down("detector")),
    expect(asked()).rejects.toMatchObject(down("llm")),
    expect(gpu.use("m", forever, world.call("m"))).rejects.toMatchObject(down(null)),
  ]);
  await expect(detector.probe(forever.signal)).rejects.toMatchObject(down("detector"));
  await expect(pair.detect(picture, forever)).rejects.toMatchObject(down("detector"));
  world.server.failing.clear();
  await until("it may be tried again", () => detector.probe(forever.signal).then(() => true));
  expect((await detector.detect(picture, forever)).model.name).toBe("m");
  await Promise.all([detector.close(), pair.close(), llm.close()]);
});

test("while its card is taken the next of the list answers, and its place in the line is kept", async () => {
  world = await startGpuWorld({ name: "yolo", vram_mb: 600 }, { name: "llm", vram_mb: 600 });
  const [one, two] = [await world.holder("one"), await world.holder("two")];
  const release = Promise.withResolvers<void>();
  const running = two.gpu.use("llm", forever, () => release.promise);
  await world.server.happened("loaded", "llm");
  const detector = createDetector(
    [
      { kind: "http-detect", url: await found("mine"), gpu: "yolo" },
      { kind: "http-detect", url: await found("other") },
    ],
    { gpu: one.gpu },
  );
  expect((await detector.detect(picture, forever)).model.name).toBe("other");
  await until("it has its place", () => two.gpu.status()[0]!.pending_loads.length === 1);
  release.resolve();
  await running;
  await world.server.happened("loaded", "yolo");
  await until("it answers", async () => (await detector.detect(picture, forever)).model.name === "mine");
  await detector.close();
});

test("a streamed answer holds its model until its end", async () => {
  world = await startGpuWorld({ name: "llm", vram_mb: 600 }, { name: "yolo", vram_mb: 600 });
  const [one, two] = [await world.holder("one"), await world.holder("two")];
  const finish = Promise.withResolvers<void>();
  const url = await twoWords(finish.promise);
  const llm = createLlm([{ kind: "openai", url, model: "m", gpu: "llm" }], { gpu: one.gpu });
  const parts = llm.stream({ messages: [{ role: "user", content: "?" }] }, forever);
  expect((await parts.next()).value).toEqual({ text: "one" });
  const other = two.gpu.use("yolo", forever, world.call("yolo"));
  await until("the other waits", () => one.gpu.status()[0]!.pending_loads.length === 1);
  expect((await parts.next()).value).toEqual({ text: "two" });
  expect(world.server.events.map(({ model }) => model)).toEqual(["llm", "llm"]);
  finish.resolve();
  expect((await parts.next()).done).toBe(true);
  await other;
  await llm.close();
});

test("a streamed answer that nobody reads on lets go of its model when its caller gives up", async () => {
  world = await startGpuWorld({ name: "llm", vram_mb: 600 }, { name: "yolo", vram_mb: 600 });
  const [one, two] = [await world.holder("one"), await world.holder("two")];
  const caller = new AbortController();
  const url = await twoWords(new Promise(() => {}));
  const llm = createLlm([{ kind: "openai", url, model: "m", gpu: "llm" }], { gpu: one.gpu });
  await llm.stream({ messages: [{ role: "user", content: "?" }] }, { signal: caller.signal }).next();
  const other = two.gpu.use("yolo", forever, world.call("yolo"));
  await until("the other waits", () => one.gpu.status()[0]!.pending_loads.length === 1);
  caller.abort(new Error("hung up"));
  await other;
  await llm.close();
});

test("a model is not loaded for a question that no budget pays for", async () => {
  world = await startGpuWorld({ name: "llm", vram_mb: 600 });
  const { gpu } = await world.holder("one");
  const spending = { service: "s", budgets: { service: { tokens_per_day: 1 } }, store: SPENT };
  const llm = createLlm([{ kind: "openai", url: "http://127.0.0.1:9", model: "m", gpu: "llm" }], { gpu }, spending);
  const asked = llm.stream({ messages: [{ role: "user", content: "?" }] }, forever).next();
  await expect(asked).rejects.toMatchObject({ code: "BUDGET_SPENT" });
  expect(world.server.events).toEqual([]);
  await llm.close();
});

test("an answer whose lease is lost in the middle is gone on with by the next of the list", async () => {
  world = await startGpuWorld({ name: "llm", vram_mb: 600 });
  const { gpu, bus } = await world.holder("one");
  const finish = Promise.withResolvers<void>();
  const rest = Promise.resolve();
  const llm = createLlm(
    [
      { kind: "openai", url: await twoWords(finish.promise), model: "local", gpu: "llm" },
      { kind: "openai", url: await twoWords(rest), model: "cloud" },
    ],
    { gpu },
  );
  await until("it is loaded", () => gpu.use("llm", forever, async () => true));
  const parts = llm.stream({ messages: [{ role: "user", content: "?" }] }, forever);
  await parts.next();
  await bus.close();
  const all: unknown[] = [];
  for await (const part of parts) all.push("text" in part ? part.text : part.handover?.mode);
  expect(all).toEqual(["two", "continued", "one", "two"]);
  finish.resolve();
  await llm.close();
});

test("an entry that names a model of a card is refused without leases, and when no card has it", async () => {
  world = await startGpuWorld({ name: "llm", vram_mb: 600 });
  const { gpu } = await world.holder("one");
  const entry = { kind: "http-detect", url: "http://127.0.0.1:9", gpu: "yolo" } as const;
  const refused = expect.objectContaining({ code: "MODEL_CONFIG" });
  expect(() => createDetector([entry])).toThrow(refused);
  expect(() => createDetector([entry], { gpu })).toThrow(/must be one of gpu.cards: known are llm$/);
  expect(() => createLlm([{ kind: "openai", url: entry.url, model: "m", gpu: "yolo" }])).toThrow(refused);
});
