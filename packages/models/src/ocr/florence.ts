import { Type } from "@sinclair/typebox";
import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import { shown } from "../calling/faults.ts";
import type { Picture } from "../detector/detector.ts";
import { normalisedBox } from "../detector/found-object.ts";
import { ModelAnswerError, OcrAuthError, OcrDownError } from "../errors.ts";
import type { FlorenceConfig } from "../florence/config.ts";
import { FlorenceServer, florenceTask } from "../florence/florence-server.ts";
import type { Ocr, ReadText, TextLine } from "./ocr.ts";

/** Four corners, x and y each, in pixels of the picture. */
const Corners = Type.Array(Type.Number(), { minItems: 8, maxItems: 8 });
const Regions = Type.Object({
  quad_boxes: Type.Array(Corners, { maxItems: 10_000 }),
  labels: Type.Array(Type.String({ maxLength: 65_536 }), { maxItems: 10_000 }),
});

/** Marks of its tokenizer, which its post-processing leaves in the first text. */
const MARKS = /<\/?s>|<pad>/g;

/** Florence-2 as a reader. */
export class FlorenceOcr implements Ocr {
  readonly #server: FlorenceServer;
  readonly #task = florenceTask("<OCR_WITH_REGION>", Regions);

  constructor(config: FlorenceConfig, calling: Calling) {
    const errors = { Down: OcrDownError, Auth: OcrAuthError };
    this.#server = new FlorenceServer({ config, action: "read a picture's text", ...errors, calling });
  }

  async read(picture: Picture, options: CallOptions): Promise<ReadText> {
    const { answer, model } = await this.#server.ask(this.#task, { picture }, options);
    const { quad_boxes, labels } = answer;
    if (quad_boxes.length !== labels.length) {
      const seen = `${quad_boxes.length} boxes and ${labels.length} texts`;
      throw this.#server.fault(ModelAnswerError, `each text must have a box: there are ${seen}`);
    }
    const lines = labels.map((text, at) => this.#line(text, { corners: quad_boxes[at]!, picture, at }));
    return { model, lines: lines.filter(({ text }) => text !== "") };
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#server.probe(signal);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #line(
    text: string,
    { corners, picture, at }: { corners: readonly number[]; picture: Picture; at: number },
  ): TextLine {
    const box = normalisedBox(around(corners), picture);
    if (box) return { text: text.replace(MARKS, "").trim(), box };
    const wanted = `quad_boxes[${at}] must lie in the picture of ${picture.width} x ${picture.height}`;
    throw this.#server.fault(ModelAnswerError, `${wanted}: current value is ${shown(JSON.stringify(corners))}`);
  }
}

/** The upright box around four corners. */
function around(corners: readonly number[]) {
  const xs = corners.filter((_, at) => at % 2 === 0);
  const ys = corners.filter((_, at) => at % 2 === 1);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
