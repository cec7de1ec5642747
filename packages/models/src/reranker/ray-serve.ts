import { answeredModel } from "../calling/answered-model.ts";
import type { JsonServer } from "../calling/json-server.ts";
import type { RankProtocol } from "./rank-protocol.ts";
import { compileResultsCheck, scoresOf } from "./result-list.ts";

/** A Ray Serve deployment of one reranker: the shapes of `/v1/rerank` at `/reranker`, without a model's name. */
export function rayServe(server: JsonServer): RankProtocol {
  const check = compileResultsCheck();
  return {
    most_texts: 1_000,
    async score({ query, texts }, options) {
      const body = { query, documents: texts, top_k: texts.length };
      const answer = await server.ask({ path: "/reranker", body, check, wanted: "results" }, options);
      return { scores: scoresOf(answer, server.fault), model: answeredModel(answer, { backend: "ray-serve" }) };
    },
    probe: (signal) => server.probe("/-/healthz", { signal, may_lack: true }),
  };
}
