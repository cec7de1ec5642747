import { answeredModel } from "../calling/answered-model.ts";
import type { JsonServer } from "../calling/json-server.ts";
import type { EmbedProtocol } from "./embed-protocol.ts";
import { compileListCheck, inOrder } from "./embedding-list.ts";

/** A Ray Serve deployment of one embedding model: OpenAI's shapes at `/embeddings`, without a model's name. */
export function rayServe(server: JsonServer): EmbedProtocol {
  const check = compileListCheck();
  return {
    async embed(input, options, make) {
      return server.read({ path: "/embeddings", body: { input }, check, wanted: "embeddings" }, options, (answer) => ({
        made: make(inOrder(answer, server.fault)),
        model: answeredModel(answer, { backend: "ray-serve" }),
      }));
    },
    probe: (signal) => server.probe("/-/healthz", { signal, may_lack: true }),
  };
}
