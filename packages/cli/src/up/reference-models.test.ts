import { createDetector, createEmbedder, createLlm, createReranker } from "@gatehouse/models";
import { startReferenceModels } from "@gatehouse/reference-models";
import { expect, onTestFinished, test } from "vitest";
import { loadSettings } from "../settings.ts";
import { missingModels, referenceSettings } from "./reference-models.ts";

const settingsOf = (env: NodeJS.ProcessEnv) => loadSettings({ file: undefined, env, cwd: "/" });

test("missingModels() names what nobody configured", () => {
  const mine = JSON.stringify([{ kind: "tei", url: "http://gpu:8002" }]);
  expect(missingModels(settingsOf({}))).toEqual(["detector", "llm", "embedder", "reranker"]);
  expect(missingModels(settingsOf({ GATEHOUSE_MODELS__EMBEDDER: mine }))).toEqual(["detector", "llm", "reranker"]);
});

test("referenceSettings() gives settings with which every missing model answers", async () => {
  const reference = await startReferenceModels();
  onTestFinished(() => reference.stop());
  const { models } = settingsOf(referenceSettings(reference.url, ["detector", "llm", "embedder", "reranker"]));
  const [embedder, reranker] = [createEmbedder(models.embedder), createReranker(models.reranker)];
  const clients = [createDetector(models.detector), createLlm(models.llm), embedder, reranker];
  onTestFinished(async () => void (await Promise.all(clients.map((client) => client.close()))));
  for (const client of clients) await client.probe(AbortSignal.timeout(10_000));
  const texts = ["a dog", "a van at the gate", "rain"];
  const options = { signal: AbortSignal.timeout(10_000) };
  expect((await embedder.embed(texts, options)).vectors).toHaveLength(3);
  expect((await reranker.rank("who was at the gate", texts, options)).ranked[0]).toMatchObject({ index: 1 });
});

test("referenceSettings() leaves alone what somebody configured", () => {
  expect(Object.keys(referenceSettings("http://127.0.0.1:1", ["llm"]))).toEqual(["GATEHOUSE_MODELS__LLM"]);
});
