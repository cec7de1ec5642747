import { createReranker, type Reranker } from "@gatehouse/models";
import type { ReferenceModels } from "@gatehouse/reference-models";
import { describe, expect, test } from "vitest";
import { keepsThePromises, type Open, type Promised, staysTyped } from "./client.conformance.ts";
import { configured } from "./configured.ts";
import { withServer } from "./with-server.ts";

const signal = new AbortController().signal;
const query = "Who opened the gate?";
const texts = ["Ravens like walnuts", "Mira opened the gate with her key", "The gates are green"];

const SERVERS: [string, (server: ReferenceModels) => object][] = [
  ["tei", ({ url }) => ({ kind: "tei", url })],
  ["openai", ({ url }) => ({ kind: "openai", url, model: "reference" })],
  ["ray-serve", ({ url }) => ({ kind: "ray-serve", url })],
];

/** What every reranker promises. */
function isReranker(name: string, open: Open<Reranker>): void {
  test(`rank() of ${name} gives every text once, the best first`, async () => {
    const { client, stop } = await open();
    const { model, ranked } = await client.rank(query, texts, { signal });
    await stop();
    expect(ranked.map(({ index }) => index)).toEqual([1, 2, 0]);
    for (const [at, { score }] of ranked.slice(1).entries()) expect(score).toBeLessThanOrEqual(ranked[at]!.score);
    expect(model.backend).toBe("reference");
    expect(model.name).not.toBe("unknown");
  });

  test(`rank() of ${name} ranks more texts than a server takes at once`, async () => {
    const { client, stop } = await open();
    const many = Array.from({ length: 100 }, (_, at) => (at === 77 ? "Mira opened the gate" : `Ravens, ${at} of them`));
    const { ranked } = await client.rank(query, many, { signal });
    await stop();
    expect(ranked[0]!.index).toBe(77);
    expect(new Set(ranked.map(({ index }) => index)).size).toBe(100);
  });
}

const ranking = (name: string, open: Open<Reranker>): Promised<Reranker> => ({
  name: `rank() of ${name}`,
  open,
  ask: (reranker, asking) => reranker.rank(query, texts, { signal: asking }),
  prefix: "RERANKER",
  dependency: "reranker",
});

describe.each(SERVERS)("%s", (name, entry) => {
  const open = withServer("rerank", (server, timeout_ms) =>
    createReranker(configured("reranker", [{ ...entry(server), timeout_ms }]), { first_delay_ms: 1 }),
  );
  isReranker(name, open);
  keepsThePromises(ranking(name, open));
  staysTyped(ranking(name, open));
});
