import { expect, test } from "vitest";
import { StopStack } from "./stop-stack.ts";

const never = new AbortController().signal;
const forever = () => new Promise(() => undefined);

test("stop() takes the steps in reverse order, once, also when one throws", async () => {
  const stack = new StopStack();
  const stopped: string[] = [];
  for (const name of ["home", "servers", "services"])
    stack.add({
      name,
      until_ms: 1_000,
      stop() {
        stopped.push(name);
        if (name === "servers") throw new Error("no");
      },
    });
  const [late] = await Promise.all([stack.stop(never), stack.stop(never)]);
  expect(stopped).toEqual(["services", "servers", "home"]);
  expect(late).toEqual(["servers"]);
});

test("stop() goes on after a step's time and kills what is late", async () => {
  const stack = new StopStack();
  const killed: string[] = [];
  const closed: string[] = [];
  stack.add({ name: "home", until_ms: 1_000, stop: () => closed.push("home") });
  stack.add({ name: "services", until_ms: 20, stop: forever, kill: () => killed.push("services") });
  expect(await stack.stop(never)).toEqual(["services"]);
  expect([killed, closed]).toEqual([["services"], ["home"]]);
});

test("stop() does not wait any longer when there is a hurry", async () => {
  const stack = new StopStack();
  const hurry = new AbortController();
  let reached = (): void => undefined;
  const waits = new Promise<void>((resolve) => {
    reached = resolve;
  });
  stack.add({ name: "servers", until_ms: 60_000, stop: forever });
  stack.add({
    name: "services",
    until_ms: 60_000,
    stop() {
      reached();
      return forever();
    },
  });
  const stopping = stack.stop(hurry.signal);
  await waits;
  hurry.abort();
  expect(await stopping).toEqual(["services", "servers"]);
});
