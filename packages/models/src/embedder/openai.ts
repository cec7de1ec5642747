import { answeredModel } from "../calling/answered-model.ts";
import type { JsonServer } from "../calling/json-server.ts";
import type { OpenAiEmbedderConfig } from "./config.ts";
import type { EmbedProtocol } from "./embed-protocol.ts";
import { compileListCheck, inOrder } from "./embedding-list.ts";

/** OpenAI's embeddings, which most servers have: https://platform.openai.com/docs/api-reference/embeddings */
export function openai(server: JsonServer, { model }: OpenAiEmbedderConfig): EmbedProtocol {
  const check = compileListCheck();
  return {
    async embed(input, options, make) {
      const body = { model, input, encoding_format: "float" };
      return server.read({ path: "/embeddings", body, check, wanted: "embeddings" }, options, (answer) => ({
        made: make(inOrder(answer, server.fault)),
        model: answeredModel(answer, { name: model, backend: "openai" }),
      }));
    },
    probe: (signal) => server.probe("/models", { signal }),
  };
}
