import { onTestFinished } from "vitest";
import type { World } from "../../harness/world.ts";
import { type OpenAiDoorOptions, openOpenAiDoor } from "./openai-door.fixture.ts";
import { type Script, startScriptedLlm } from "./scripted-llm.fixture.ts";

/** A door before models that do as told, best first (`m0`, `m1`, …), and a client of a user of its own, until the test is over. */
export async function openDoorBefore(world: World, scripts: Script[], options: Partial<OpenAiDoorOptions> = {}) {
  const models = await Promise.all(scripts.map((script) => startScriptedLlm(script)));
  const door = await openOpenAiDoor(world, {
    llm: models.map(({ url }, at) => ({ url, model: `m${at}` })),
    ...options,
  });
  onTestFinished(async () => {
    await door.stop();
    await Promise.all(models.map((model) => model.stop()));
  });
  const user_id = `user-${scripts.length}-${door.url.split(":")[2]!.split("/")[0]}`;
  const secret = await door.key({ user_id });
  return { door, models, user_id, secret, client: door.client(secret) };
}
