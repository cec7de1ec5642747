import type { ModelRef } from "@gatehouse/events";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { clientList, type ModelClient } from "../calling/client-list.ts";
import { firstAnswer } from "../calling/ranked.ts";
import type { Picture } from "../detector/detector.ts";
import type { CaptionerConfig } from "./config.ts";
import { FlorenceCaptioner } from "./florence.ts";

/** What a picture shows, in words. */
export interface Caption {
  model: ModelRef;
  text: string;
}

export interface CaptionOptions extends CallOptions {
  /** A sentence, or a paragraph with `detailed`. */
  detail?: "brief" | "detailed";
}

/** Describes pictures. */
export interface Captioner extends ModelClient {
  /**
   * Describes a picture in a sentence, or in detail. Safe to repeat.
   * @throws {ModelRefusedError} the server does not take this picture
   * @throws {ModelAnswerError} the answer makes no sense, or is empty
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {CaptionerDownError} @throws {CaptionerAuthError}
   * @throws the signal's reason when it was aborted
   */
  describe(picture: Picture, options: CaptionOptions): Promise<Caption>;
}

/**
 * Makes the captioner of a ranked list: an entry that is busy, down or too slow is skipped for the next.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createCaptioner(config: readonly CaptionerConfig[], calling: Partial<Calling> = {}): Captioner {
  const called = { ...CALLING, ...calling };
  const { clients, ...list } = clientList(config, "captioner", (entry) => new FlorenceCaptioner(entry, called), called);
  return {
    ...list,
    describe: (picture, { detail = "brief", ...options }) =>
      firstAnswer(clients, options, (client, asked) => client.describe(picture, { ...asked, detail })),
  };
}
