import { type CallOptions, type Embeddings, ModelTimeoutError } from "@gatehouse/models";
import { expect, test } from "vitest";
import { beyond, UnrelatedTexts } from "./unrelated-texts.ts";

const options = { signal: new AbortController().signal };

/** An embedder in memory to which texts that differ are that alike: the server's side is tested in packages/models. */
function habitOf(similarity: number) {
  const calls: number[] = [];
  const embed = async (texts: readonly string[]) => {
    calls.push(texts.length);
    const vectors = texts.map((_, at) => {
      const vector = new Float32Array(65);
      vector[at] = Math.sqrt(1 - similarity);
      vector[64] = Math.sqrt(similarity);
      return vector;
    });
    return { vectors, model: { name: `habit-${similarity}`, version: "1", backend: "test" } };
  };
  return { embed, calls };
}

test.each([0, 0.4, 0.8])("similarity() is that of texts that have nothing in common: %s", async (similarity) => {
  const { embed, calls } = habitOf(similarity);
  const unrelated = new UnrelatedTexts();
  const made = await embed(["a question"]);
  for (let times = 0; times < 2; times++)
    expect(await unrelated.similarity({ embed }, made, options)).toBeCloseTo(similarity, 5);
  expect(calls).toEqual([1, 12]);
});

test("similarity() leaves something to tell where all texts are alike", async () => {
  const { embed } = habitOf(1);
  expect(await new UnrelatedTexts().similarity({ embed }, await embed(["a"]), options)).toBe(0.95);
});

/** One whose twelve texts are answered, or refused, when a test says so. */
function slowly() {
  const { embed } = habitOf(0.4);
  const asked: { options: CallOptions; end: PromiseWithResolvers<void> }[] = [];
  const slow = async (texts: readonly string[], options: CallOptions): Promise<Embeddings> => {
    const end = Promise.withResolvers<void>();
    asked.push({ options, end });
    await end.promise;
    return embed(texts);
  };
  return { embedder: { embed: slow }, asked, made: embed(["a question"]) };
}
const soon = () => ({ ...options, deadline_ms: Date.now() + 20 });

test("similarity() is 0 for a question that cannot wait, whose end does not end the asking, and known to later ones", async () => {
  const { embedder, asked, made } = slowly();
  const unrelated = new UnrelatedTexts();
  const question = new AbortController();
  const until_ms = Date.now() + 20;
  expect(await unrelated.similarity(embedder, await made, { signal: question.signal, deadline_ms: until_ms })).toBe(0);
  question.abort();
  expect(await unrelated.similarity(embedder, await made, soon())).toBe(0);
  expect(asked).toHaveLength(1);
  expect(asked[0]!.options.signal.aborted).toBe(false);
  expect(asked[0]!.options.deadline_ms).toBeGreaterThan(until_ms);
  expect(asked[0]!.options.deadline_ms).toBeLessThan(Number.POSITIVE_INFINITY);
  asked[0]!.end.resolve();
  expect(await unrelated.similarity(embedder, await made, options)).toBeCloseTo(0.4, 5);
  expect(asked).toHaveLength(1);
});

test("similarity() asks once for many questions at once", async () => {
  const { embedder, asked, made } = slowly();
  const unrelated = new UnrelatedTexts();
  const embeddings = await made;
  const all = Promise.all(Array.from({ length: 50 }, () => unrelated.similarity(embedder, embeddings, options)));
  asked[0]!.end.resolve();
  for (const similarity of await all) expect(similarity).toBeCloseTo(0.4, 5);
  expect(asked).toHaveLength(1);
});

test("similarity() is 0 after the asking failed, which is told, and asks again when its time has come", async () => {
  const failure = new ModelTimeoutError("Cannot embed");
  const told: unknown[] = [];
  const fails = async (again_ms: number) => {
    const { embedder, asked, made } = slowly();
    const unrelated = new UnrelatedTexts((error) => told.push(error), again_ms);
    const embeddings = await made;
    const first = unrelated.similarity(embedder, embeddings, options);
    asked[0]!.end.reject(failure);
    expect(await first).toBe(0);
    return { asked, again: () => unrelated.similarity(embedder, embeddings, options) };
  };
  const patient = await fails(600_000);
  expect(await patient.again()).toBe(0);
  expect(patient.asked).toHaveLength(1);
  const due = await fails(0);
  const second = due.again();
  expect(await due.again()).toBe(0);
  due.asked[1]!.end.resolve();
  expect([await second, await due.again()]).toEqual([expect.closeTo(0.4, 5), expect.closeTo(0.4, 5)]);
  expect(due.asked).toHaveLength(2);
  expect(told).toEqual([failure, failure]);
});

test("similarity() throws the reason of a question that is aborted while it waits", async () => {
  const { embedder, made } = slowly();
  const question = new AbortController();
  const waiting = new UnrelatedTexts().similarity(embedder, await made, { signal: question.signal });
  question.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
});

test("beyond() is 0 for what is as alike as unrelated texts, and 1 for the same", () => {
  expect([beyond(0.5, 0.5), beyond(0.5, 0.75), beyond(0.5, 1), beyond(0, 0.3)]).toEqual([0, 0.5, 1, 0.3]);
});
