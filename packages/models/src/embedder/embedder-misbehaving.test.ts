import { describe } from "vitest";
import { staysCalm } from "../calling/misbehaving.testing.ts";
import { createEmbedder, type EmbedderConfig } from "../mod.ts";

const signal = new AbortController().signal;
const list = (...data: object[]) => ({ data });
const one = (embedding: unknown, index = 0) => ({ index, embedding });

const listed: [string, unknown, string][] = [
  ["no list", {}, "data is missing"],
  ["null in a vector", list(one([null])), "data[0].embedding[0] must be a number: current value is null"],
  ["an infinite number", '{"data":[{"index":0,"embedding":[1e999]}]}', "data[0].embedding[0] must be a number"],
  ["a vector of no length", list(one([0, 0])), "a vector's length must be above 0: current value is 0"],
  [
    "a vector of infinite length",
    list(one([1e300, 1e300])),
    "a vector's length must be above 0: current value is Infinity",
  ],
  ["an empty vector", list(one([])), "data[0].embedding must be a list of 1..65536 items"],
  ["no vector", list(), "the answer must hold 1 results: current value is 0"],
  ["two vectors", list(one([1]), one([1], 1)), "the answer must hold 1 results: current value is 2"],
  ["a vector out of place", list(one([1], 3)), "data must have each index of 0..0 once: 0 is missing"],
];
const plain = (wrap: (vectors: unknown) => unknown, path: string): [string, unknown, string][] => [
  ["null in a vector", wrap([[null]]), `${path}[0][0] must be a number: current value is null`],
  ["numbers without a vector", wrap([1, 2]), `${path}[0] must be a list`],
  ["a vector of no length", wrap([[0, 0]]), "a vector's length must be above 0: current value is 0"],
  ["no vector", wrap([]), "the answer must hold 1 results: current value is 0"],
  ["two vectors", wrap([[1], [2]]), "the answer must hold 1 results: current value is 2"],
];

const kinds: [EmbedderConfig, string, [string, unknown, string][]][] = [
  [{ kind: "tei", url: "" }, "embed texts at", plain((vectors) => vectors, "")],
  [{ kind: "openai", url: "", model: "m" }, 'embed texts of model "m" at', listed],
  [
    { kind: "ollama", url: "", model: "m" },
    'embed texts of model "m" at',
    plain((embeddings) => ({ embeddings }), "embeddings"),
  ],
  [{ kind: "ray-serve", url: "" }, "embed texts at", listed],
];

describe.each(kinds)("%j", (config, action, wrong) => {
  staysCalm({
    name: "embed()",
    async ask(url, { timeout_ms, calling }) {
      const embedder = createEmbedder([{ ...config, url, timeout_ms }], calling);
      return embedder.embed(["a text"], { signal }).finally(() => embedder.close());
    },
    prefix: "EMBEDDER",
    action,
    dependency: "embedder",
    wrong,
  });
});
