import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { News } from "./news.ts";
import { tellVectors } from "./tell-vectors.ts";

async function told(qdrant_url: string | null): Promise<News[]> {
  const home = mkdtempSync(join(tmpdir(), "gatehouse-vectors-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const news: News[] = [];
  await tellVectors(home, { qdrant_url }, (one) => news.push(one));
  return news;
}

test("tellVectors() says that they are in the home's own file", async () => {
  expect(await told(null)).toEqual([{ what: "ready", part: "vectors", version: null, where: "in vectors.db" }]);
});

test("tellVectors() says so when Qdrant does not answer, and does not repeat its URL", async () => {
  const [note, ...others] = await told("http://127.0.0.1:9/?key=secret");
  expect(others).toEqual([]);
  expect(note).toMatchObject({ what: "note", text: expect.stringContaining("in Qdrant on 127.0.0.1:9 (yours): ") });
  expect(JSON.stringify(note)).not.toContain("secret");
});
