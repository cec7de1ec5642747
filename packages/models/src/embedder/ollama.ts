import { compileCheck } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import { ANSWERED_MODEL, answeredModel } from "../calling/answered-model.ts";
import type { JsonServer } from "../calling/json-server.ts";
import type { OllamaEmbedderConfig } from "./config.ts";
import { type EmbedProtocol, Vectors } from "./embed-protocol.ts";

const EmbedBody = Type.Object({ embeddings: Vectors, ...ANSWERED_MODEL });

/** Ollama's own embeddings: https://docs.ollama.com/api/embed */
export function ollama(server: JsonServer, { model, truncate = false }: OllamaEmbedderConfig): EmbedProtocol {
  const check = compileCheck(EmbedBody);
  return {
    async embed(input, options, make) {
      const question = { path: "/api/embed", body: { model, input, truncate }, check, wanted: "embeddings" };
      return server.read(question, options, (answer) => ({
        made: make(answer.embeddings),
        model: answeredModel(answer, { name: model, backend: "ollama" }),
      }));
    },
    probe: (signal) => server.probe("/api/version", { signal }),
  };
}
