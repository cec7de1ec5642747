import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { CardStatus } from "@gatehouse/models";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import { startSimulatedGpu } from "../../harness/simulated-gpu.ts";
import { until } from "../../harness/until.ts";
import { type GpuWorld, startGpuWorld } from "./gpu-world.ts";

const MAIN = resolve(import.meta.dirname, "../../../packages/cli/src/main.ts");
const forever = { signal: new AbortController().signal };
let world: GpuWorld;
beforeEach(async () => {
  world = await startGpuWorld({ name: "yolo", vram_mb: 600 }, { name: "llm", vram_mb: 600 });
});
afterEach(() => world.stop());

const isLoaded = (card: CardStatus): boolean => card.loaded_models[0]?.state === "loaded";

function gatehouse(...args: string[]): ChildProcess {
  const { dir, nats } = world.broker;
  writeFileSync(join(dir, "site.yaml"), stringify({ gpu: { cards: [world.card] } }));
  const broker = { NATS_URL: nats.url, NATS_USER: nats.user ?? "", NATS_PASSWORD: nats.password ?? "" };
  const command = [MAIN, "gpu", "--config", join(dir, "site.yaml"), ...args];
  return spawn(process.execPath, command, { cwd: dir, env: { PATH: process.env.PATH, ...broker } });
}

test("gatehouse gpu shows what is on each card, who holds it and who waits", async () => {
  const [one, two] = [await world.holder("ingest"), await world.holder("chat")];
  const release = Promise.withResolvers<void>();
  const running = one.gpu.use("yolo", forever, () => release.promise);
  await world.server.happened("loaded", "yolo");
  const waiting = two.gpu.use("llm", forever, world.call("llm"));
  const card = () => one.gpu.status()[0]!;
  await until("yolo is there, and llm waits", () => isLoaded(card()) && card().pending_loads.length === 1);
  const { stdout } = gatehouse();
  const lines = (await text(stdout!)).split("\n");
  expect([lines[0], lines[2], lines[3]]).toEqual([
    "card-0  600 MB of 1,000 MB used (60 %), 400 MB free",
    "  █ yolo     600 MB  loaded     normal    held by ingest",
    expect.stringMatching(/^ {2}1\. chat waits for llm \(normal, \d+ s\)$/),
  ]);
  release.resolve();
  await Promise.all([running, waiting]);
});

test("gatehouse gpu --watch --json gives a line for each change until it is interrupted", async () => {
  const one = await world.holder("ingest");
  const command = gatehouse("--watch", "--json");
  const lines = createInterface({ input: command.stdout! })[Symbol.asyncIterator]();
  const next = async () => (JSON.parse((await lines.next()).value ?? "") as { cards: CardStatus[] }).cards[0]!;
  expect(await next()).toMatchObject({ card: "card-0", vram_budget_mb: 1_000, vram_used_mb: 0, loaded_models: [] });
  await one.gpu.use("yolo", forever, world.call("yolo"));
  let seen = await next();
  while (seen.loaded_models[0]?.state !== "loaded") seen = await next();
  expect(seen).toMatchObject({ vram_used_mb: 600, vram_available_mb: 400, utilization: 0.6, pending_loads: [] });
  command.kill("SIGINT");
  expect((await once(command, "exit"))[0]).toBe(0);
});

test("gatehouse gpu forget frees the room of a model whose server is gone, and of none that is held", async () => {
  const gone = await startSimulatedGpu({ models: [{ name: "yolo", vram_mb: 600, load_ms: 5 }] });
  world.card.models[0]!.load = { kind: "triton", url: gone.url };
  const [one, two] = [await world.holder("ingest"), await world.holder("chat")];
  const release = Promise.withResolvers<void>();
  const running = one.gpu.use("yolo", forever, () => release.promise);
  await gone.happened("loaded", "yolo");
  const refused = gatehouse("forget", "card-0", "yolo");
  expect(await text(refused.stderr!)).toContain(
    'Cannot forget model "yolo" of card "card-0" as nobody may hold it: held by ingest',
  );
  await gone[Symbol.asyncDispose]();
  release.resolve();
  await running;
  const waiting = two.gpu.use("llm", forever, world.call("llm"));
  await until("the unload has failed", () => !!two.gpu.status()[0]!.loaded_models[0]?.fault);
  expect(JSON.parse(await text(gatehouse("forget", "card-0", "yolo", "--json").stdout!))).toEqual({
    card: "card-0",
    model: "yolo",
  });
  expect(await waiting).toBe("llm");
  expect(await text(gatehouse("forget", "card-0", "yolo").stderr!)).toContain("it does not");
});

test("gatehouse gpu says when no card is configured", async () => {
  const { dir, nats } = world.broker;
  const env = { PATH: process.env.PATH, NATS_URL: nats.url, NATS_USER: nats.user!, NATS_PASSWORD: nats.password! };
  const { stdout } = spawn(process.execPath, [MAIN, "gpu"], { cwd: dir, env });
  expect(await text(stdout)).toBe("No cards are configured: gpu.cards in gatehouse.yaml names them\n");
});
