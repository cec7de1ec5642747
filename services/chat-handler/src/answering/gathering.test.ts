import { expect, test } from "vitest";
import { Gathering } from "./gathering.ts";

test("later() calls back those that came at about the same time in one turn of the event loop", async () => {
  const gathering = new Gathering();
  const turns: number[] = [];
  let turn = 0;
  const all = Promise.withResolvers<void>();
  const count = () => {
    turn++;
    if (turns.length < 50) setImmediate(count);
  };
  setImmediate(count);
  const run = () => {
    turns.push(turn);
    if (turns.length === 50) all.resolve();
  };
  for (let n = 0; n < 50; n++) gathering.later(run);
  await all.promise;
  expect(new Set(turns).size).toBeLessThanOrEqual(2);
});

test("later() calls back again for what comes from within a call", async () => {
  const gathering = new Gathering();
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    gathering.later(() => {
      seen.push("first");
      gathering.later(() => {
        seen.push("second");
        resolve();
      });
    });
  });
  expect(seen).toEqual(["first", "second"]);
});
