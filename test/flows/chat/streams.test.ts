import { freePort } from "@gatehouse/local";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AnswerPart } from "../../harness/chat-client.ts";
import { askFor, textOf } from "../../harness/recital.ts";
import { type RecitingLlm, startRecitingLlm } from "../../harness/reciting-llm.ts";
import { ServiceProcess } from "../../harness/service-process.ts";
import { until } from "../../harness/until.ts";
import { type Chat, setupChat } from "./chat.fixture.ts";

const recital = { key: "k.0", tokens: 100 };
const text = textOf(recital, "a");
const short = { key: "k.1", tokens: 20 };

let llm: RecitingLlm;
let chat: Chat;
beforeAll(async () => {
  llm = await startRecitingLlm({ voice: "a", tokens_per_s: 50 });
  chat = await setupChat({ llm: [{ kind: "openai", url: llm.url, model: "a" }], gateways: 2 });
});
afterAll(async () => {
  await chat.stop();
  await llm.stop();
});

const textOfParts = (parts: readonly AnswerPart[]): string => parts.map(({ content }) => content).join("");

test("two clients at two gateways follow one answer, each its whole text, each part once", async () => {
  const readers = await Promise.all(chat.gateway_urls.map((url) => chat.client("ada", [url])));
  const followed = readers.map((reader) => reader.follow("r-two"));
  await chat.ask({ user_id: "ada", request_id: "r-two", message: askFor(recital) });
  for (const { parts, ended } of followed) {
    expect(await ended).toMatchObject({ type: "done" });
    expect(textOfParts(parts)).toBe(text);
    expect(parts.map(({ seq }) => seq)).toEqual(parts.map((_, i) => i));
  }
  expect(followed[0]!.parts.map(({ stream_seq }) => stream_seq)).toEqual(
    followed[1]!.parts.map(({ stream_seq }) => stream_seq),
  );
});

test("a client that comes late reads an answer from its beginning", async () => {
  const reader = await chat.client("bob");
  await chat.hear({ user_id: "bob", request_id: "r-late", message: askFor(short) });
  const followed = reader.follow("r-late");
  await followed.ended;
  expect(textOfParts(followed.parts)).toBe(textOf(short, "a"));
});

test("a reader goes on at another gateway when its own is killed in the middle of an answer, and sees each part once", async () => {
  const port = await freePort();
  const doomed = new ServiceProcess(chat.world, {
    service: "gateway",
    env: { GATEHOUSE_GATEWAY__PORT: String(port) },
  });
  doomed.start();
  const door = `http://127.0.0.1:${port}`;
  await until("the gateway is ready", async () => (await fetch(`${door}/readyz`)).ok);
  const reader = await chat.client("cyd", [door, chat.gateway_urls[0]!]);
  await until("the reader is let in", () => reader.connections[0] === 1);
  const { parts, ended } = reader.follow("r-killed");
  await chat.ask({ user_id: "cyd", request_id: "r-killed", message: askFor(recital) });
  await until("the answer has begun", () => parts.length > 10);
  doomed.kill();
  const read = parts.length;
  await ended;
  await doomed.stop();
  expect(reader.connections).toEqual([1, 1]);
  expect(parts.length).toBeGreaterThan(read);
  expect(parts.map(({ seq }) => seq)).toEqual(parts.map((_, i) => i));
  expect(textOfParts(parts)).toBe(text);
  expect(reader.faults).toEqual([]);
});

test("a user who did not ask may not follow an answer", async () => {
  await chat.hear({ user_id: "ada", request_id: "r-mine", message: askFor(short) });
  const stranger = await chat.client("eve");
  const { parts } = stranger.follow("r-mine");
  await until("the gateway refused", () => stranger.faults.length > 0);
  expect(stranger.faults[0]).toContain("SUBJECT_NOT_ALLOWED");
  expect(parts).toEqual([]);
});
