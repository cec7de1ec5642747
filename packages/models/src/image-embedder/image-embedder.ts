import type { Box, ModelRef } from "@gatehouse/events";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { clientList, type ModelClient } from "../calling/client-list.ts";
import { shown } from "../calling/faults.ts";
import { firstAnswer } from "../calling/ranked.ts";
import type { Picture } from "../detector/detector.ts";
import { Dimensions } from "../embedder/dimensions.ts";
import { ModelRefusedError } from "../errors.ts";
import { Clip } from "./clip.ts";
import type { ImageEmbedderConfig } from "./config.ts";
import { cutOut } from "./cut-out.ts";
import { KserveEmbed } from "./kserve-embed.ts";

/** What an embedder says of one picture. */
export interface ImageEmbedding {
  model: ModelRef;
  /** Of length 1: the dot product of two tells how alike the pictures are. */
  vector: Float32Array;
}

/** Turns pictures into vectors. */
export interface ImageEmbedder extends ModelClient {
  /**
   * Embeds a picture, or the part of it in `box`. Safe to repeat.
   * @throws {ModelRefusedError} the server does not take this picture, or its part cannot be cut out
   * @throws {ModelAnswerError} the answer makes no sense, or has another number of dimensions than before
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {ImageEmbedderDownError} @throws {ImageEmbedderAuthError}
   * @throws the signal's reason when it was aborted
   */
  embed(picture: Picture, options: CallOptions & { box?: Box }): Promise<ImageEmbedding>;
}

/** A client of one server: it is handed what is to be embedded. */
export interface ImageEmbedderClient extends ModelClient {
  embed(picture: Picture, options: CallOptions): Promise<ImageEmbedding>;
}

/**
 * Makes the embedder of pictures of a ranked list: an entry that is busy, down or too slow is skipped for the next. All
 * entries must serve the same model, as vectors of different models cannot be compared; one of other dimensions is refused.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createImageEmbedder(
  config: readonly ImageEmbedderConfig[],
  calling: Partial<Calling> = {},
): ImageEmbedder {
  const dimensions = new Dimensions();
  const shared = { calling: { ...CALLING, ...calling }, dimensions };
  const { clients, ...list } = clientList(config, "image_embedder", (entry) => clientOf(entry, shared), calling);
  return {
    ...list,
    async embed(picture, { box, ...options }) {
      const wanted = box ? await partOf(picture, box) : picture;
      return firstAnswer(clients, options, (client, asked) => dimensions.during(client, client.embed(wanted, asked)));
    },
  };
}

function clientOf(
  config: ImageEmbedderConfig,
  shared: { calling: Calling; dimensions: Dimensions },
): ImageEmbedderClient {
  return config.kind === "clip" ? new Clip(config, shared) : new KserveEmbed(config, shared);
}

async function partOf(picture: Picture, box: Box): Promise<Picture> {
  return cutOut(picture, box).catch((cause: Error) => {
    const { width, height } = picture;
    const wanted = `Cannot embed a part of a picture of ${width} x ${height} as the picture must decode`;
    throw new ModelRefusedError(`${wanted}: current state is ${shown(cause.message)}`, { cause });
  });
}
