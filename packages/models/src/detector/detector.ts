import type { Box, ModelRef } from "@gatehouse/events";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { clientList, type ModelClient } from "../calling/client-list.ts";
import { firstAnswer } from "../calling/ranked.ts";
import type { DetectorConfig } from "./config.ts";
import { HttpDetect } from "./http-detect.ts";
import { KserveDetect } from "./kserve-detect.ts";
import { OnnxDetect } from "./onnx/onnx-detect.ts";

/** An encoded picture. */
export interface Picture {
  /** JPEG, PNG or WebP. */
  bytes: Uint8Array;
  /** `image/jpeg` */
  media_type: string;
  /** Pixels of the picture as sent: boxes are normalised by them. */
  width: number;
  height: number;
  /** Who took it (a camera's id): servers that keep a background per source use it. */
  source?: string;
}

/** One object that a detector found. */
export interface FoundObject {
  label: string;
  /** 0..1 */
  confidence: number;
  /** Normalised 0..1, `x, y` the top left, clipped to the picture. */
  box: Box;
}

/** What a detector says of one picture. */
export interface DetectorAnswer {
  model: ModelRef;
  detections: FoundObject[];
  /** From sending the picture to the whole answer, without the wait for a slot. */
  infer_ms: number;
}

/** Finds objects in pictures. */
export interface Detector extends ModelClient {
  /**
   * Finds the objects in a picture. Safe to repeat.
   * @throws {ModelBusyError} every slot is taken and the queue full, or the server said 429
   * @throws {ModelTimeoutError} no whole answer in time
   * @throws {ModelAnswerError} the answer makes no sense
   * @throws {ModelRefusedError} the server does not take this picture
   * @throws {DetectorDownError} @throws {DetectorAuthError}
   * @throws the signal's reason when it was aborted; the socket is closed by then
   */
  detect(picture: Picture, options: CallOptions): Promise<DetectorAnswer>;
}

/**
 * Makes the detector of a ranked list: an entry that is busy, down or too slow is skipped for the next.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL, a secret or a file cannot be used
 */
export function createDetector(config: readonly DetectorConfig[], calling: Partial<Calling> = {}): Detector {
  const called = { ...CALLING, ...calling };
  const { clients, ...list } = clientList(config, "detector", (entry) => clientOf(entry, called), called);
  return {
    ...list,
    detect: (picture, options) => firstAnswer(clients, options, (client, asked) => client.detect(picture, asked)),
  };
}

function clientOf(config: DetectorConfig, calling: Calling): Detector {
  if (config.kind === "onnx") return new OnnxDetect(config, calling);
  if (config.kind !== "http-detect") return new KserveDetect(config, calling);
  return new HttpDetect(config, calling);
}
