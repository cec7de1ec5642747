import { createEmbedder, type Embedder } from "@gatehouse/models";
import type { ReferenceModels } from "@gatehouse/reference-models";
import { describe, expect, test } from "vitest";
import { keepsThePromises, type Open, type Promised, staysTyped } from "./client.conformance.ts";
import { configured } from "./configured.ts";
import { withServer } from "./with-server.ts";

const signal = new AbortController().signal;
const alike = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
const long = "word ".repeat(9_000);

const SERVERS: [string, (server: ReferenceModels) => object][] = [
  ["tei", ({ url }) => ({ kind: "tei", url })],
  ["openai", ({ url }) => ({ kind: "openai", url, model: "reference" })],
  ["ollama", ({ url }) => ({ kind: "ollama", url, model: "reference" })],
  ["ray-serve", ({ url }) => ({ kind: "ray-serve", url })],
];

/** What every embedder promises. */
function isEmbedder(name: string, open: Open<Embedder>): void {
  test(`embed() of ${name} gives one unit vector per text, in their order, all of the same length`, async () => {
    const { client, stop } = await open();
    const texts = Array.from({ length: 100 }, (_, at) => `The gate was opened ${at} times`);
    const { model, vectors } = await client.embed(texts, { signal });
    const apart = await client.embed([texts[57]!], { signal });
    await stop();
    expect(vectors).toHaveLength(100);
    for (const vector of vectors) {
      expect(vector).toBeInstanceOf(Float32Array);
      expect(vector).toHaveLength(vectors[0]!.length);
      expect(alike(vector, vector)).toBeCloseTo(1, 4);
    }
    expect(vectors[57]).toEqual(apart.vectors[0]);
    expect(model.backend).toBe("reference");
    expect(model.name).not.toBe("unknown");
  });

  test(`embed() of ${name} puts what is alike near`, async () => {
    const { client, stop } = await open();
    const texts = ["Who opened the gate?", "Mira opened the gate", "Ravens like walnuts"];
    const [question, answer, other] = (await client.embed(texts, { signal })).vectors;
    await stop();
    expect(alike(question!, answer!)).toBeGreaterThan(alike(question!, other!) + 0.2);
  });

  test(`embed() of ${name} refuses a text that is too long, for good, and embeds the others' texts`, async () => {
    const { client, stop } = await open();
    const calls = ["short", long, "brief"].map((text) => client.embed([text], { signal }));
    const [first, second, third] = await Promise.allSettled(calls);
    await stop();
    expect([first!.status, third!.status]).toEqual(["fulfilled", "fulfilled"]);
    expect(second).toMatchObject({ reason: { code: "MODEL_REFUSED", retry: "never" } });
  });
}

const embedding = (name: string, open: Open<Embedder>): Promised<Embedder> => ({
  name: `embed() of ${name}`,
  open,
  ask: (embedder, asking) => embedder.embed(["The gate is open", "It rains"], { signal: asking }),
  prefix: "EMBEDDER",
  dependency: "embedder",
});

describe.each(SERVERS)("%s", (name, entry) => {
  const open = withServer("embed", (server, timeout_ms) =>
    createEmbedder(configured("embedder", [{ ...entry(server), timeout_ms }]), { first_delay_ms: 1 }),
  );
  isEmbedder(name, open);
  keepsThePromises(embedding(name, open));
  staysTyped(embedding(name, open));
});

test.each(SERVERS.slice(0, 1).concat(SERVERS.slice(2, 3)))(
  "embed() of %s cuts texts that are too long where the configuration says so",
  async (_, entry) => {
    const open = withServer("embed", (server) =>
      createEmbedder(configured("embedder", [{ ...entry(server), truncate: true }])),
    );
    const { client, stop } = await open();
    const cut = "word ".repeat(8_192).trimEnd();
    const { vectors } = await client.embed([long, cut], { signal });
    await stop();
    expect(vectors[0]).toEqual(vectors[1]);
  },
);

test("vectors of one model are the same behind every kind of server", async () => {
  const all = await Promise.all(
    SERVERS.map(async ([, entry]) => {
      const { client, stop } = await withServer("embed", (server) =>
        createEmbedder(configured("embedder", [entry(server)])),
      )();
      const { vectors } = await client.embed(["The gate is open"], { signal });
      await stop();
      return vectors[0];
    }),
  );
  for (const vector of all) expect(vector).toEqual(all[0]);
});
