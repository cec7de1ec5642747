import { compileCheck } from "@gatehouse/events";
import { answeredModel } from "../calling/answered-model.ts";
import { Identity } from "../calling/identity.ts";
import type { JsonServer } from "../calling/json-server.ts";
import { teiModel } from "../calling/tei-model.ts";
import type { TeiEmbedderConfig } from "./config.ts";
import { type EmbedProtocol, Vectors } from "./embed-protocol.ts";

/** Text Embeddings Inference: https://huggingface.github.io/text-embeddings-inference/ */
export function tei(server: JsonServer, { truncate = false }: TeiEmbedderConfig): EmbedProtocol {
  const check = compileCheck(Vectors);
  const identity = new Identity((signal) => teiModel(server, signal));
  return {
    async embed(inputs, options, make) {
      const question = { path: "/embed", body: { inputs, truncate, normalize: true }, check, wanted: "vectors" };
      const made = await server.read(question, options, make).catch((error: unknown) => {
        identity.forget();
        throw error;
      });
      return { made, model: { ...answeredModel({}, { backend: "tei" }), ...(await identity.get()) } };
    },
    probe: (signal) => server.probe("/health", { signal }),
  };
}
