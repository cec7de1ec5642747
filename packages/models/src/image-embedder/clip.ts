import { compileCheck, type ModelRef } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import { ANSWERED_MODEL, answeredModel } from "../calling/answered-model.ts";
import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import { Identity } from "../calling/identity.ts";
import { JsonServer } from "../calling/json-server.ts";
import type { Picture } from "../detector/detector.ts";
import type { Dimensions } from "../embedder/dimensions.ts";
import { Vector } from "../embedder/embed-protocol.ts";
import { unitVector } from "../embedder/unit-vector.ts";
import { ImageEmbedderAuthError, ImageEmbedderDownError } from "../errors.ts";
import { type ClipConfig, IMAGE_EMBEDDER_DEFAULTS } from "./config.ts";
import type { ImageEmbedding } from "./image-embedder.ts";

const EmbedBody = Type.Object({ embedding: Vector, ...ANSWERED_MODEL });
const Health = Type.Object(ANSWERED_MODEL);

/** CLIP behind `POST /embed`: a picture as base64 in JSON, a vector as JSON. `GET /health` says which model it is. */
export class Clip {
  readonly #server: JsonServer;
  readonly #dimensions: Dimensions;
  readonly #check = compileCheck(EmbedBody);
  readonly #identity: Identity;

  constructor(given: ClipConfig, { calling, dimensions }: { calling: Calling; dimensions: Dimensions }) {
    const config = { ...IMAGE_EMBEDDER_DEFAULTS, ...given };
    const errors = { Down: ImageEmbedderDownError, Auth: ImageEmbedderAuthError };
    this.#server = new JsonServer({ config, action: "embed a picture", ...errors, calling });
    this.#dimensions = dimensions;
    const question = { path: "/health", check: compileCheck(Health), wanted: "the model" };
    this.#identity = new Identity(async (signal) => named(await this.#server.askAside(question, signal)));
  }

  async embed({ bytes }: Picture, options: CallOptions): Promise<ImageEmbedding> {
    const body = { image: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64") };
    const question = { path: "/embed", body, check: this.#check, wanted: "an embedding" };
    const { fault } = this.#server;
    const { vector, answered } = await this.#server
      .read(question, options, (answer) => ({
        vector: this.#dimensions.fitting(unitVector(answer.embedding, fault), { by: this, fault }),
        answered: answer,
      }))
      .catch((error: unknown) => {
        this.#identity.forget();
        throw error;
      });
    const told = answered.model === undefined ? await this.#identity.get() : {};
    return { vector, model: { ...answeredModel(answered, { backend: "clip" }), ...told } };
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#server.probe("/health", { signal });
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}

const named = ({
  model,
  version,
  backend,
}: {
  model?: string;
  version?: string;
  backend?: string;
}): Partial<ModelRef> => ({
  ...(model === undefined ? {} : { name: model }),
  ...(version === undefined ? {} : { version }),
  ...(backend === undefined ? {} : { backend }),
});
