import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chatMessage, chatResponseStream } from "@gatehouse/events";
import { type Server, startServers } from "@gatehouse/local";
import { applyStreams, createLog, type NatsBus, type OpenLog, openBus } from "@gatehouse/runtime";
import type { AnswerRow } from "@gatehouse/store";
import { mesh, STREAM_DEFAULTS } from "@gatehouse/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { partOf } from "./part.ts";
import { lastPart, toldSoFar } from "./told-so-far.ts";

let dir: string;
let nats: Server;
let log: OpenLog;
let bus: NatsBus;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "gatehouse-test-"));
  ({ nats } = await startServers(dir, ["nats"]));
  log = createLog({ name: "test", level: "debug", home: dir, stdout: "silent" });
  bus = await openBus({ nats_url: nats.url, user: nats.user, password: nats.password, name: "test", log });
  await applyStreams(bus, mesh({ ...STREAM_DEFAULTS, frames_mb: 64, dead_letters_mb: 64 }));
});
afterAll(async () => {
  await bus.close();
  await nats.stop();
  await log.close();
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
});

const answerOf = (request_id: string, own: Partial<AnswerRow> = {}) =>
  ({ ...own, request_id, next_seq: own.next_seq ?? 0, text: own.text ?? "", sources: null }) as AnswerRow;
const tell = (request_id: string, seq: number, content: string) =>
  bus.publishEvent(chatResponseStream, partOf({ request_id, seq }, { type: "chunk", content }));
const told = (answer: AnswerRow) => toldSoFar(bus, answer, AbortSignal.timeout(20_000));

test("toldSoFar() adds to the row what the stream has beyond it", async () => {
  await tell("r-on", 0, "One");
  const { seq } = await tell("r-on", 1, " two");
  expect(await told(answerOf("r-on", { next_seq: 1, text: "One" }))).toMatchObject({
    text: "One two",
    next_seq: 2,
    last_seq: seq,
    is_stale: false,
    has_news: true,
  });
});

test("toldSoFar() begins anew behind what is no part, and lastPart() says where that is", async () => {
  await tell("r-odd", 0, "One");
  const { seq } = await bus.publish("ai.chat.response.stream.r-odd", Buffer.from(chatMessage.name));
  expect(await told(answerOf("r-odd"))).toMatchObject({ next_seq: 1, last_seq: seq, is_stale: true });
  expect(await lastPart(bus, "r-odd")).toEqual({ part: null, last_seq: seq });
});

test("toldSoFar() begins anew when the stream has nothing of what was told", async () => {
  expect(await told(answerOf("r-gone", { next_seq: 3, text: "Gone" }))).toMatchObject({ next_seq: 3, is_stale: true });
  expect(await lastPart(bus, "r-gone")).toBeNull();
});
