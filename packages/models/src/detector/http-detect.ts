import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import { formOf } from "../calling/form.ts";
import { JsonServer } from "../calling/json-server.ts";
import { DetectorAuthError, DetectorDownError } from "../errors.ts";
import { DETECTOR_DEFAULTS, type HttpDetectConfig } from "./config.ts";
import { compileDetectCheck, readDetectAnswer } from "./detect-answer.ts";
import type { Detector, DetectorAnswer, Picture } from "./detector.ts";
import { picturePart } from "./picture-part.ts";

/** A detector behind `POST /detect`: a picture in a form, boxes in pixels as JSON. */
export class HttpDetect implements Detector {
  readonly #server: JsonServer;
  readonly #check = compileDetectCheck();

  constructor(config: HttpDetectConfig, calling: Calling) {
    this.#server = new JsonServer({
      config: { ...DETECTOR_DEFAULTS, ...config },
      action: "detect objects",
      Down: DetectorDownError,
      Auth: DetectorAuthError,
      calling,
    });
  }

  async detect(picture: Picture, options: CallOptions): Promise<DetectorAnswer> {
    const { source } = picture;
    const parts = source === undefined ? [] : [{ name: "source", value: source }];
    const form = formOf([...parts, picturePart(picture)]);
    const exchange = await this.#server.open({ path: "/detect", form }, options);
    return exchange.complete(async () => {
      const text = await exchange.text();
      const infer_ms = exchange.elapsed_ms;
      return { ...readDetectAnswer(text, { picture, check: this.#check, fault: exchange.fault }), infer_ms };
    });
  }

  /** `GET /health`; a 404 will do: the server has no such path, but it answers. */
  probe(signal: AbortSignal): Promise<void> {
    return this.#server.probe("/health", { signal, may_lack: true });
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
