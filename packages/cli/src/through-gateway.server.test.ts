import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readRunFile } from "@gatehouse/local";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SpokenLlm } from "./chat/spoken-llm.testing.ts";
import type { Context } from "./context.ts";
import { drawnPicture } from "./drawn-picture.testing.ts";
import { type Access, findGateway } from "./gateway/access.ts";
import { askGateway } from "./gateway/ask-gateway.ts";
import { followGateway, type Heard } from "./gateway/follow-gateway.ts";
import { runCommand } from "./run-command.testing.ts";
import { makeHome, UpProcess } from "./up-process.testing.ts";

// One Gatehouse for all tests of this file; each uses a conversation of its own.
const { home, remove } = makeHome();
const config = join(home, "gatehouse.yaml");
let llm: SpokenLlm;
let up: UpProcess;

beforeAll(async () => {
  llm = await SpokenLlm.start();
  writeFileSync(
    config,
    `chat: { model_patience_s: 0 }\nmodels: { llm: [{ kind: openai, url: "${llm.url}", model: spoken }] }\n`,
  );
  up = new UpProcess(home, "--split", "--config", config);
  await up.tells("up");
});
afterAll(async () => {
  up?.child.kill("SIGINT");
  await up?.ends();
  llm?.stop();
  remove();
});

const run = (args: string[], own: Partial<Context> = {}) => runCommand([...args, "--home", home], own);
const chat = (...args: string[]) => run(["chat", ...args]);

function killGateway(): void {
  const gateway = readRunFile({ dir: home })!.processes.find(({ services }) => services.includes("gateway"))!;
  process.kill(gateway.pid, "SIGKILL");
}

/** Standard output, and the first that is written to it. */
function output() {
  const first = Promise.withResolvers<string>();
  const written = { text: "" };
  const write = (text: string) => {
    written.text += text;
    first.resolve(text);
  };
  return { out: { write, isTTY: false, columns: 120, env: {} }, first: first.promise, written };
}

test("chat goes on where it stopped when the gateway is killed in the middle of an answer", async () => {
  const { out, first, written } = output();
  const ran = run(["chat", "Count", "--session", "killed"], { out });
  const speaking = await llm.asked.take();
  speaking.say("one ");
  expect(await first).toBe("one ");
  killGateway();
  speaking.say("two ");
  await up.tells("service", ({ service, state }) => service === "gateway" && state === "ready");
  speaking.say("three");
  speaking.end();
  expect((await ran).code).toBe(0);
  expect(written.text).toBe("one two three\n");
});

test("docs add makes a file what answers lean on, until docs remove", async () => {
  const file = join(home, "gate.md");
  writeFileSync(file, "# Gate\n\nThe code of the garden gate is kept in the blue tin.\n");
  const uri = pathToFileURL(file).href;
  const docs = (...args: string[]) => run(["docs", ...args]);
  const title = "Gate";
  const added = await docs("add", file, "--json");
  expect([added.code, JSON.parse(added.out)]).toMatchObject([
    0,
    { uri, state: "ready", passages: 1, unchanged: false },
  ]);
  expect((await docs("add", file)).out).toMatch(/ {2}unchanged\n0 added, 1 unchanged\n$/);
  expect(JSON.parse((await docs("list", "--json")).out).items).toMatchObject([{ uri, title, state: "ready" }]);
  const found = JSON.parse((await docs("search", "code of the garden gate", "--json")).out).items;
  expect(found[0]).toMatchObject({ kind: "document", uri, text: expect.stringContaining("blue tin") });

  const ran = chat("Where is the code of the garden gate?", "--session", "documents", "--json");
  const speaking = await llm.asked.take();
  expect(JSON.stringify(speaking.messages)).toContain("blue tin");
  speaking.say("In the blue tin [1].");
  speaking.end();
  const { response, sources, model } = JSON.parse((await ran).out);
  expect({ response, sources, model }).toMatchObject({
    response: "In the blue tin [1].",
    sources: [{ uri, text: expect.stringContaining("blue tin") }],
    model: { name: "spoken" },
  });
  expect((await docs("remove", file)).out).toBe(`Removed ${file}\n`);
  expect((await docs("search", "code of the garden gate", "--collection", "documents")).out).toBe("Nothing fits\n");
});

test("chat ends with 1 when the model breaks off, and chat retry has the same answer begun again", async () => {
  const ran = chat("Who?", "--session", "retried", "--json");
  const dying = await llm.asked.take();
  dying.say("A d");
  dying.die();
  const failed = await ran;
  expect(failed.code).toBe(1);
  const { request_id, error } = JSON.parse(failed.out);
  expect(error).toMatchObject({ code: expect.stringMatching(/^MODEL_/), retryable: true });
  const again = chat("retry", request_id);
  const speaking = await llm.asked.take();
  speaking.say("A cat");
  speaking.end();
  expect(await again).toMatchObject({ code: 0, out: "A cat\n" });
});

test("chat that is interrupted cancels its answer, and the model is no longer asked", async () => {
  const { out, first } = output();
  const stopping = new AbortController();
  const interrupts = { first: stopping.signal, second: new AbortController().signal };
  const ran = run(["chat", "Tell me all", "--session", "cancelled"], { out, interrupts });
  const speaking = await llm.asked.take();
  speaking.say("Long ago");
  await first;
  stopping.abort("Ctrl-C");
  await speaking.left;
  expect(await ran).toMatchObject({ code: 1, err: expect.stringContaining("CANCELLED") });
});

test("pipelines run --wait shows a run from its trigger to its end; asked for again it is the same run", async () => {
  const words = ["text=The ladder hangs behind the shed.", "uri=ladder.txt", "--request-id", "r-ladder"];
  const ran = await run(["pipelines", "run", "document-ingestion", ...words, "--wait", "--json"]);
  expect([ran.code, ran.err]).toEqual([0, ""]);
  const [taken, ...statuses] = ran.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(taken).toEqual({ request_id: "r-ladder", duplicate: false });
  expect(statuses.map(({ seq, status }) => [seq, status])).toEqual(
    ["submitted", "pending", "running", "succeeded"].map((status, seq) => [seq, status]),
  );
  expect(statuses.at(-1).outputs).toMatchObject({ documents: 1, passages: 1 });
  const again = await run(["pipelines", "run", "document-ingestion", ...words]);
  expect([again.code, again.out]).toEqual([0, "r-ladder  was asked for before\n"]);
  const { items } = JSON.parse((await run(["pipelines", "list", "--json"])).out);
  expect(items).toMatchObject([{ request_id: "r-ladder", engine: "local", state: "succeeded" }]);
});

const subject = "camera.*.detections";

async function publish(access: Access, frame_id: string): Promise<void> {
  const headers = { "content-type": "image/jpeg", "idempotency-key": frame_id };
  await askGateway(access, "/api/cameras/yard/frames", { method: "POST", headers, body: await drawnPicture() });
}

/** The next thing heard, of this kind. */
async function next<W extends Heard["what"]>(
  heard: AsyncGenerator<Heard>,
  what: W,
): Promise<Extract<Heard, { what: W }>> {
  const { value, done } = await heard.next();
  expect([done, value?.what]).toEqual([false, what]);
  return value;
}

test("followGateway() misses nothing and hears nothing twice when the gateway is killed meanwhile", async () => {
  const access = findGateway({ env: {} }, home, "follow");
  const stopping = new AbortController();
  const heard = followGateway(access, { subject, from: "all", signal: stopping.signal });
  const first = next(heard, "message");
  await publish(access, "f-1");
  const { message: one } = await first;
  expect(one.data).toMatchObject({ frame_id: "f-1", camera_id: "yard" });

  const lost = next(heard, "lost");
  killGateway();
  await lost;
  expect((await next(heard, "back")).from).toMatchObject({ seq: one.seq! + 1 });
  const second = next(heard, "message");
  await publish(access, "f-2");
  expect((await second).message).toMatchObject({ seq: one.seq! + 1, data: { frame_id: "f-2" } });

  const end = heard.next();
  stopping.abort();
  expect((await end).done).toBe(true);
});

test("followGateway() and askGateway() give up when the key is wrong, with the gateway's code", async () => {
  const access = { ...findGateway({ env: {} }, home, "follow"), key: "gh_wrong" };
  const { signal } = new AbortController();
  const refused = { code: "GATEWAY_REFUSED", facts: { status: 401, code: "UNAUTHORIZED" } };
  await expect(followGateway(access, { subject, from: "new", signal }).next()).rejects.toMatchObject(refused);
  await expect(askGateway(access, "/api/events")).rejects.toMatchObject(refused);
});
