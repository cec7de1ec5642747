import { compileCheck, type ModelRef } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import { ANSWERED_MODEL } from "./answered-model.ts";
import type { JsonServer } from "./json-server.ts";

const Info = Type.Object({
  model_id: ANSWERED_MODEL.model,
  model_sha: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  backend: ANSWERED_MODEL.backend,
});

/** Text Embeddings Inference says at `GET /info` which model it runs. */
export async function teiModel(server: JsonServer, signal: AbortSignal): Promise<Partial<ModelRef>> {
  const question = { path: "/info", check: compileCheck(Info), wanted: "the model" };
  const { model_id, model_sha, backend } = await server.askAside(question, signal);
  return {
    ...(model_id === undefined ? {} : { name: model_id }),
    ...(model_sha ? { version: model_sha } : {}),
    ...(backend === undefined ? {} : { backend }),
  };
}
