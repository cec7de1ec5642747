import type { Box, ModelRef } from "@gatehouse/events";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { clientList, type ModelClient } from "../calling/client-list.ts";
import { firstAnswer } from "../calling/ranked.ts";
import type { Picture } from "../detector/detector.ts";
import type { OcrConfig } from "./config.ts";
import { FlorenceOcr } from "./florence.ts";

/** Text that stands together. */
export interface TextLine {
  text: string;
  /** Normalised 0..1, `x, y` the top left, clipped to the picture. */
  box: Box;
}

/** The text in a picture. */
export interface ReadText {
  model: ModelRef;
  /** In the server's order; none when there is no text. */
  lines: TextLine[];
}

/** Reads text in pictures. */
export interface Ocr extends ModelClient {
  /**
   * Reads the text in a picture. Safe to repeat.
   * @throws {ModelRefusedError} the server does not take this picture
   * @throws {ModelAnswerError} the answer makes no sense: a box lies outside the picture, or a text has none
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {OcrDownError} @throws {OcrAuthError}
   * @throws the signal's reason when it was aborted
   */
  read(picture: Picture, options: CallOptions): Promise<ReadText>;
}

/**
 * Makes the reader of a ranked list: an entry that is busy, down or too slow is skipped for the next.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createOcr(config: readonly OcrConfig[], calling: Partial<Calling> = {}): Ocr {
  const called = { ...CALLING, ...calling };
  const { clients, ...list } = clientList(config, "ocr", (entry) => new FlorenceOcr(entry, called), called);
  return {
    ...list,
    read: (picture, options) => firstAnswer(clients, options, (client, asked) => client.read(picture, asked)),
  };
}
