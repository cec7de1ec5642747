import type { Box, ModelRef } from "@gatehouse/events";
import type { CallOptions } from "../calling/call-options.ts";
import { CALLING, type Calling } from "../calling/calling.ts";
import { clientList, type ModelClient } from "../calling/client-list.ts";
import { firstAnswer } from "../calling/ranked.ts";
import type { Picture } from "../detector/detector.ts";
import type { PoseConfig } from "./config.ts";
import type { JointName } from "./joint-names.ts";
import { KservePose } from "./kserve-pose.ts";

/** A joint of a body. */
export interface Joint {
  name: JointName;
  /** Normalised 0..1 from the top left, kept within the picture. */
  x: number;
  y: number;
  /** That it is there and seen, 0..1. */
  confidence: number;
}

/** One body. */
export interface Body {
  /** 0..1 */
  confidence: number;
  /** Normalised 0..1, `x, y` the top left, clipped to the picture. */
  box: Box;
  /** All 17, in COCO's order. */
  joints: Joint[];
}

/** The bodies in one picture. */
export interface Poses {
  model: ModelRef;
  /** The most confident first. */
  bodies: Body[];
}

/** Finds the joints of bodies. */
export interface Pose extends ModelClient {
  /**
   * Finds the bodies in a picture and their joints. Safe to repeat.
   * @throws {ModelRefusedError} the server does not take this picture
   * @throws {ModelAnswerError} the answer makes no sense
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {PoseDownError} @throws {PoseAuthError}
   * @throws the signal's reason when it was aborted
   */
  find(picture: Picture, options: CallOptions): Promise<Poses>;
}

/**
 * Makes the pose model of a ranked list: an entry that is busy, down or too slow is skipped for the next.
 * Secrets are read here; nothing is connected before the first call.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createPose(config: readonly PoseConfig[], calling: Partial<Calling> = {}): Pose {
  const called = { ...CALLING, ...calling };
  const { clients, ...list } = clientList(config, "pose", (entry) => new KservePose(entry, called), called);
  return {
    ...list,
    find: (picture, options) => firstAnswer(clients, options, (client, asked) => client.find(picture, asked)),
  };
}
