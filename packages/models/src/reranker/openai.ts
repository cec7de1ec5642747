import { answeredModel } from "../calling/answered-model.ts";
import type { JsonServer } from "../calling/json-server.ts";
import type { OpenAiRerankerConfig } from "./config.ts";
import type { RankProtocol } from "./rank-protocol.ts";
import { compileResultsCheck, scoresOf } from "./result-list.ts";

/** `/v1/rerank` of Jina and Cohere, which vLLM and others have: https://docs.vllm.ai/en/stable/serving/openai_compatible_server/ */
export function openai(server: JsonServer, { model }: OpenAiRerankerConfig): RankProtocol {
  const check = compileResultsCheck();
  return {
    most_texts: 1_000,
    async score({ query, texts }, options) {
      const body = { model, query, documents: texts, top_n: texts.length };
      const answer = await server.ask({ path: "/rerank", body, check, wanted: "results" }, options);
      const answered = answeredModel(answer, { name: model, backend: "openai" });
      return { scores: scoresOf(answer, server.fault), model: answered };
    },
    probe: (signal) => server.probe("/models", { signal }),
  };
}
