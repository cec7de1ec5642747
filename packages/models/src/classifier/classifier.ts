import type { ModelRef } from "@gatehouse/events";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { clientList, type ModelClient } from "../calling/client-list.ts";
import { firstAnswer } from "../calling/ranked.ts";
import type { Picture } from "../detector/detector.ts";
import type { ClassifierConfig } from "./config.ts";
import { FlorenceClassifier } from "./florence.ts";
import { KserveClassifier } from "./kserve-classifier.ts";

/** A label that fits a picture. */
export interface FittingLabel {
  label: string;
  /** 0..1; null of a model that does not say how sure it is. */
  confidence: number | null;
}

/** What a picture shows, in labels. */
export interface Classification {
  model: ModelRef;
  /** The most confident first. */
  labels: FittingLabel[];
}

export interface ClassifyOptions extends CallOptions {
  /** The most labels of an answer; 5 unless said. */
  most?: number;
}

/** Says which labels fit a picture. */
export interface Classifier extends ModelClient {
  /**
   * Names the labels that fit a picture best. Safe to repeat.
   * @throws {ModelRefusedError} the server does not take this picture
   * @throws {ModelAnswerError} the answer makes no sense, or has another number of classes than there are labels
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {ClassifierDownError} @throws {ClassifierAuthError}
   * @throws the signal's reason when it was aborted
   */
  classify(picture: Picture, options: ClassifyOptions): Promise<Classification>;
}

/**
 * Makes the classifier of a ranked list: an entry that is busy, down or too slow is skipped for the next.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createClassifier(config: readonly ClassifierConfig[], calling: Partial<Calling> = {}): Classifier {
  const called = { ...CALLING, ...calling };
  const { clients, ...list } = clientList(config, "classifier", (entry) => clientOf(entry, called), called);
  return {
    ...list,
    classify: (picture, { most = 5, ...options }) =>
      firstAnswer(clients, options, (client, asked) => client.classify(picture, { ...asked, most })),
  };
}

const clientOf = (config: ClassifierConfig, calling: Calling): Classifier =>
  config.kind === "florence" ? new FlorenceClassifier(config, calling) : new KserveClassifier(config, calling);
