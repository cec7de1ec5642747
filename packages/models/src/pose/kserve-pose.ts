import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import { KSERVE_DETECTOR_DEFAULTS, YOLO_DEFAULTS } from "../detector/config.ts";
import type { Picture } from "../detector/detector.ts";
import { placeOf } from "../detector/letterbox.ts";
import { PoseAuthError, PoseDownError } from "../errors.ts";
import { ItemModel } from "../kserve/item-model.ts";
import { encodedInput } from "../kserve/model-tensors.ts";
import type { KservePoseConfig } from "./config.ts";
import type { Pose, Poses } from "./pose.ts";
import { readYoloPose } from "./yolo-pose.ts";

/** A YOLO pose model behind KServe v2. */
export class KservePose implements Pose {
  readonly #model: ItemModel<Picture, Poses>;

  constructor(config: KservePoseConfig, calling: Calling) {
    const { min_confidence, max_overlap, size_px } = { ...KSERVE_DETECTOR_DEFAULTS, ...YOLO_DEFAULTS, ...config };
    const input = { width: size_px, height: size_px };
    const use = { action: "find bodies", Down: PoseDownError, Auth: PoseAuthError, calling };
    this.#model = new ItemModel<Picture, Poses>(config, use, {
      sides: 3,
      input: encodedInput,
      read: ({ output, model, fault }, picture) => {
        const reading = { min_confidence, max_overlap, input, place: placeOf(picture, input), fault };
        return { model, bodies: readYoloPose(output, reading) };
      },
    });
  }

  find(picture: Picture, options: CallOptions): Promise<Poses> {
    return this.#model.ask(picture, options);
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#model.probe(signal);
  }

  close(): Promise<void> {
    return this.#model.close();
  }
}
