import { compileCheck } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import { answeredModel } from "../calling/answered-model.ts";
import { Identity } from "../calling/identity.ts";
import type { JsonServer } from "../calling/json-server.ts";
import { teiModel } from "../calling/tei-model.ts";
import { Index, type RankProtocol } from "./rank-protocol.ts";

/** `--max-client-batch-size` unless said otherwise. */
const MOST_TEXTS = 32;
const Ranks = Type.Array(Type.Object({ index: Index, score: Type.Number() }), { maxItems: MOST_TEXTS });

/** Text Embeddings Inference: https://huggingface.github.io/text-embeddings-inference/ Texts that are too long are cut. */
export function tei(server: JsonServer): RankProtocol {
  const check = compileCheck(Ranks);
  const identity = new Identity((signal) => teiModel(server, signal));
  return {
    most_texts: MOST_TEXTS,
    async score({ query, texts }, options) {
      const body = { query, texts, raw_scores: false, return_text: false, truncate: true };
      const scores = await server
        .ask({ path: "/rerank", body, check, wanted: "ranks" }, options)
        .catch((error: unknown) => {
          identity.forget();
          throw error;
        });
      return { scores, model: { ...answeredModel({}, { backend: "tei" }), ...(await identity.get()) } };
    },
    probe: (signal) => server.probe("/health", { signal }),
  };
}
