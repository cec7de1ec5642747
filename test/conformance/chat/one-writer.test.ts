import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type HeldBroker, startHeldBroker } from "../../harness/held-broker.ts";
import { leasesRunOut } from "../../harness/impatient.ts";
import { ServiceProcess } from "../../harness/service-process.ts";
import { type Chat, setupChat, type ToldPart, textOf } from "./chat.fixture.ts";
import { restOf, saidIn } from "./scripted-llm.fixture.ts";

const TEXT = "One two three four five six";

let chat: Chat;
let broker: HeldBroker;
beforeAll(async () => {
  chat = await setupChat();
  broker = await startHeldBroker(chat.world.nats.url);
});
afterAll(async () => {
  await chat.stop();
  await broker.stop();
});

/** A model whose first answer says three words, and the rest when it is let. */
async function twoParts() {
  const rest = Promise.withResolvers<void>();
  const { setting } = await chat.scripted(async function* (messages, n) {
    for (const word of restOf(TEXT, saidIn(messages))) {
      if (n === 0 && word === " four") await rest.promise;
      yield word;
    }
  });
  return { env: { GATEHOUSE_MODELS__LLM: setting }, sayTheRest: rest.resolve };
}
const threeWords = (request_id: string) =>
  chat.told(request_id, { enough: ({ content }) => content.endsWith("three") });

/** Nothing was written behind these parts. */
async function expectLast(request_id: string, parts: readonly ToldPart[]) {
  const last = await chat.world.bus.lastMessage("AI_CHAT_STREAM", `ai.chat.response.stream.${request_id}`);
  expect(last?.seq).toBe(parts.at(-1)!.stored.seq);
}

test("a part that reaches the broker after another handler has taken over is refused, whatever it was held up by", async () => {
  const { env, sayTheRest } = await twoParts();
  const backing = { ...chat.world.backing, nats_url: broker.url };
  const paused = await chat.run({ env, backing });
  onTestFinished(async () => {
    broker.release();
    await paused.stop();
  });
  await chat.ask("held", { session_id: "held" });
  await threeWords("held");
  const held = broker.hold("HPUB ai.chat.response.stream.held ");
  sayTheRest();
  await held;
  const heir = await chat.run({ env });
  onTestFinished(() => heir.stop());
  await leasesRunOut(chat.world);
  const parts = await chat.told("held");
  expect(textOf(parts)).toBe(TEXT);
  const epochs = new Set(parts.map(({ stored }) => stored.msg_id!.split(".")[1]));
  // The one that is held up may claim the row again itself, any number of times, write nothing, and leave it to the other.
  expect([...epochs]).toEqual(["1", expect.stringMatching(/^[0-9]+$/)]);
  broker.release();
  await paused.stop();
  await expectLast("held", parts);
});

test("a handler that was stopped past its lease and wakes writes nothing into its successor's stream, and goes on with others", async () => {
  const { env, sayTheRest } = await twoParts();
  const sleeper = new ServiceProcess(chat.world, { service: "chat-handler", env });
  sleeper.start();
  await chat.ask("asleep", { session_id: "asleep" });
  await threeWords("asleep");
  sleeper.pause();
  const heir = await chat.run({ env });
  await leasesRunOut(chat.world);
  const parts = await chat.told("asleep");
  expect(textOf(parts)).toBe(TEXT);
  await chat.ended("asleep");
  await heir.stop();
  sayTheRest();
  sleeper.resume();
  await chat.ask("awake", { session_id: "awake" });
  expect(textOf(await chat.told("awake"))).toBe(TEXT);
  await sleeper.stop();
  await expectLast("asleep", parts);
  expect(await chat.world.db.query("select 1 from chat_messages where request_id = 'asleep'")).toHaveLength(2);
});
