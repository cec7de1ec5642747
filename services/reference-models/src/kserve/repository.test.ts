import { expect, test } from "vitest";
import { makeSwitches } from "../failures.ts";
import { Repository } from "./repository.ts";
import type { ServedModel } from "./served-model.ts";

function setup() {
  const spec = { name: "x", datatype: "FP32", shape: [-1] };
  const model = (name: string): ServedModel => ({ name, input: spec, output: spec, infer: async (input) => input });
  const failures = makeSwitches().repository;
  const stopping = new AbortController();
  const options = { failures, random: () => 0, signal: stopping.signal };
  return { repository: new Repository([model("a"), model("b")], options), failures, stopping };
}

test("a model is ready from the start, not after unload(), and again after load()", async () => {
  const { repository } = setup();
  expect(repository.ready("a").name).toBe("a");
  repository.unload("a");
  expect(repository.isReady("a")).toBe(false);
  expect(() => repository.ready("a")).toThrow(/must be READY: current state is UNAVAILABLE, unloaded$/);
  expect(repository.index({ ready: true }).map(({ name }) => name)).toEqual(["b"]);
  await repository.load("a");
  expect(repository.index()).toEqual([
    { name: "a", version: "1", state: "READY", reason: "" },
    { name: "b", version: "1", state: "READY", reason: "" },
  ]);
});

test("load() is LOADING for the switched latency, and ends when the server stops", async () => {
  const { repository, failures, stopping } = setup();
  failures.latency_ms = 600_000;
  const loading = repository.load("a");
  expect(repository.index()[0]).toMatchObject({ state: "LOADING" });
  expect(() => repository.ready("a")).toThrow("current state is LOADING");
  stopping.abort();
  await expect(loading).rejects.toMatchObject({ code: "MODEL_LOAD" });
});

test.each([
  [{ out_of_memory: true }, "CUDA out of memory"],
  [{ error_rate: 1 }, "a failure switch is on"],
])("load() fails as switched by %o, and the index says why", async (switched, words) => {
  const { repository, failures } = setup();
  Object.assign(failures, switched);
  await expect(repository.load("a")).rejects.toMatchObject({
    code: "MODEL_LOAD",
    message: expect.stringContaining(words),
  });
  expect(repository.index()[0]).toMatchObject({ state: "UNAVAILABLE", reason: expect.stringContaining(words) });
});

test("a model or version that is not there is missing", async () => {
  const { repository } = setup();
  expect(() => repository.ready("c")).toThrow('Cannot find model "c": known are a, b');
  expect(() => repository.isReady("a", "2")).toThrow('"a" version "2"');
  await expect(repository.load("c")).rejects.toMatchObject({ code: "MODEL_MISSING" });
});
