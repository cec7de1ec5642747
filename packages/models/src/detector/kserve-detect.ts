import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import type { Fault } from "../calling/faults.ts";
import { DetectorAuthError, DetectorDownError, ModelAnswerError } from "../errors.ts";
import type { ModelMetadata } from "../kserve/inference-service.ts";
import { type ItemAnswer, ItemModel } from "../kserve/item-model.ts";
import { assertTakes, encodedInput, inputOf } from "../kserve/model-tensors.ts";
import { floatPieces, type InputTensor } from "../kserve/tensor.ts";
import { KSERVE_DETECTOR_DEFAULTS, type KserveDetectorConfig, YOLO_DEFAULTS, type YoloOptions } from "./config.ts";
import type { Detector, DetectorAnswer, Picture } from "./detector.ts";
import { letterbox, placeOf, type Size } from "./letterbox.ts";
import { readYoloOutput } from "./yolo-output.ts";

/** A larger picture is not made for a model, whatever it says. */
const MOST_SIDE_PX = 4_096;

/** A YOLO model behind KServe v2: it takes encoded pictures and letterboxes them itself, or tensors that are made here. */
export class KserveDetect implements Detector {
  readonly #model: ItemModel<Picture, DetectorAnswer>;
  readonly #reading: Required<Pick<KserveDetectorConfig, "input" | "size_px" | keyof YoloOptions>>;

  constructor(config: KserveDetectorConfig, calling: Calling) {
    this.#reading = { ...KSERVE_DETECTOR_DEFAULTS, ...YOLO_DEFAULTS, ...config };
    const use = { action: "detect objects", Down: DetectorDownError, Auth: DetectorAuthError, calling };
    this.#model = new ItemModel(config, use, {
      sides: 3,
      is_large: this.#reading.input === "tensor",
      input: (metadata, pictures, fault) => this.#tensor(metadata, pictures, fault),
      read: (answer, picture) => this.#read(answer, picture),
    });
  }

  detect(picture: Picture, options: CallOptions): Promise<DetectorAnswer> {
    return this.#model.ask(picture, options);
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#model.probe(signal);
  }

  close(): Promise<void> {
    return this.#model.close();
  }

  async #tensor(metadata: ModelMetadata, pictures: readonly Picture[], fault: Fault): Promise<InputTensor> {
    if (this.#reading.input === "encoded") return encodedInput(metadata, pictures, fault);
    const spec = inputOf(metadata, "FP32", fault);
    const size = this.#sizeOf(metadata, fault);
    if (Math.max(size.width, size.height) > MOST_SIDE_PX)
      throw fault(ModelAnswerError, `input "${spec.name}" must be at most ${MOST_SIDE_PX} pixels wide and high`);
    const shape = [pictures.length, 3, size.height, size.width];
    assertTakes(spec, shape, fault);
    const tensors = await Promise.all(pictures.map((picture) => letterbox(picture, size, fault)));
    return { name: spec.name, datatype: "FP32", shape, pieces: tensors.flatMap(({ data }) => floatPieces(data)) };
  }

  /** Of the model's own picture, as far as it says. */
  #sizeOf(metadata: ModelMetadata, fault: Fault): Size {
    const { input, size_px } = this.#reading;
    const [, , height = -1, width = -1] = input === "tensor" ? inputOf(metadata, "FP32", fault).shape : [];
    return { width: width > 0 ? width : size_px, height: height > 0 ? height : size_px };
  }

  #read({ output, metadata, model, infer_ms, fault }: ItemAnswer, picture: Picture): DetectorAnswer {
    const { labels, min_confidence, max_overlap } = this.#reading;
    const input = this.#sizeOf(metadata, fault);
    const reading = { labels, min_confidence, max_overlap, input, place: placeOf(picture, input), fault };
    return { model, detections: readYoloOutput(output, reading), infer_ms };
  }
}
