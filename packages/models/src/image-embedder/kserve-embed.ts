import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import type { Picture } from "../detector/detector.ts";
import type { Dimensions } from "../embedder/dimensions.ts";
import { unitVector } from "../embedder/unit-vector.ts";
import { ImageEmbedderAuthError, ImageEmbedderDownError } from "../errors.ts";
import type { KserveConfig } from "../kserve/config.ts";
import { ItemModel } from "../kserve/item-model.ts";
import { encodedInput } from "../kserve/model-tensors.ts";
import type { ImageEmbedderClient, ImageEmbedding } from "./image-embedder.ts";

/** An embedder behind KServe v2: encoded pictures in, `[n, numbers]` out. */
export class KserveEmbed implements ImageEmbedderClient {
  readonly #model: ItemModel<Picture, ImageEmbedding>;

  constructor(config: KserveConfig, { calling, dimensions }: { calling: Calling; dimensions: Dimensions }) {
    const use = { action: "embed a picture", Down: ImageEmbedderDownError, Auth: ImageEmbedderAuthError, calling };
    this.#model = new ItemModel<Picture, ImageEmbedding>(config, use, {
      sides: 2,
      input: encodedInput,
      read: ({ output, model, fault }) => ({
        model,
        vector: dimensions.fitting(unitVector(output.data, fault), { by: this, fault }),
      }),
    });
  }

  embed(picture: Picture, options: CallOptions): Promise<ImageEmbedding> {
    return this.#model.ask(picture, options);
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#model.probe(signal);
  }

  close(): Promise<void> {
    return this.#model.close();
  }
}
