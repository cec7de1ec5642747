import { afterAll, beforeAll, expect, test } from "vitest";
import { type Chat, setupChat, type ToldPart, textOf } from "./chat.fixture.ts";
import { restOf, type ScriptedLlm, saidIn } from "./scripted-llm.fixture.ts";

const TEXT = "One two three four five six";

let chat: Chat;
let sayTheRest: () => void;
let asked: ScriptedLlm["asked"];
beforeAll(async () => {
  chat = await setupChat();
  const rests = new Map<string, Promise<void>>();
  const { setting, asked: requests } = await chat.scripted(async function* (messages) {
    const said = saidIn(messages);
    const question = messages.at(said === null ? -1 : -2)!.content;
    if (!rests.has(question)) rests.set(question, new Promise((resolve) => (sayTheRest = resolve)));
    for (const word of restOf(TEXT, said)) {
      if (word === " four") await rests.get(question);
      yield word;
    }
  });
  asked = requests;
  await chat.run({ env: { GATEHOUSE_MODELS__LLM: setting } });
});
afterAll(() => chat.stop());

async function askedHalf(request_id: string): Promise<void> {
  await chat.ask(request_id, { message: request_id, session_id: request_id });
  await chat.told(request_id, { enough: ({ content }) => content.endsWith("three") });
}

test("an answer waits for a broker that is killed in the middle, and goes on without hole or double", async () => {
  await askedHalf("broker");
  const reading = Promise.withResolvers<void>();
  const enough = ({ done }: ToldPart) => {
    reading.resolve();
    return done;
  };
  const told = chat.told("broker", { enough });
  await reading.promise;
  await chat.world.nats.restart();
  sayTheRest();
  expect(textOf(await told)).toBe(TEXT);
  expect(await chat.ended("broker")).toMatchObject({ state: "done", text: TEXT });
});

test("an answer is said while Postgres is away, and kept when it is back", async () => {
  await askedHalf("postgres");
  const restarted = chat.world.postgres.restart();
  sayTheRest();
  await restarted;
  expect(textOf(await chat.told("postgres"))).toBe(TEXT);
  expect(await chat.ended("postgres")).toMatchObject({ state: "done", text: TEXT });
  expect(asked.filter((messages) => messages.some(({ content }) => content === "postgres"))).toHaveLength(1);
});

test("answers are given without Redis", async () => {
  await askedHalf("redis");
  await chat.world.redis.stop();
  sayTheRest();
  expect(textOf(await chat.told("redis"))).toBe(TEXT);
  await askedHalf("none");
  sayTheRest();
  expect(textOf(await chat.told("none"))).toBe(TEXT);
});
