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

test("beyond() is 0 for what is as alike as unrelated texts, and 1 for the same", () => {
  expect([beyond(0.5, 0.5), beyond(0.5, 0.75), beyond(0.5, 1), beyond(0, 0.3)]).toEqual([0, 0.5, 1, 0.3]);
});
