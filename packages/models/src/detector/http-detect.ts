import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import type { Callee } from "../calling/faults.ts";
import { formOf } from "../calling/form.ts";
import { ModelServer } from "../calling/model-server.ts";
import { assertReachable } from "../calling/probe.ts";
import { readSecret } from "../calling/secret.ts";
import { parseServerUrl } from "../calling/server-url.ts";
import { DetectorAuthError, DetectorDownError } from "../errors.ts";
import { DETECTOR_DEFAULTS, type HttpDetectConfig } from "./config.ts";
import { compileDetectCheck, readDetectAnswer } from "./detect-answer.ts";
import type { Detector, DetectorAnswer, Picture } from "./detector.ts";
import { picturePart } from "./picture-part.ts";

/** A detector behind `POST /detect`: a picture in a form, boxes in pixels as JSON. */
export class HttpDetect implements Detector {
  readonly #server: ModelServer;
  readonly #callee: Callee;
  readonly #path: string;
  readonly #check = compileDetectCheck();

  constructor(config: HttpDetectConfig, calling: Calling) {
    const { url, timeout_ms, in_flight, api_key } = { ...DETECTOR_DEFAULTS, ...config };
    const { origin, server, path } = parseServerUrl(url);
    this.#path = path;
    this.#callee = { action: "detect objects", server, model: null, Down: DetectorDownError, Auth: DetectorAuthError };
    this.#server = new ModelServer({
      callee: this.#callee,
      origin,
      secret: api_key ? readSecret(api_key) : null,
      in_flight,
      connect_timeout_ms: timeout_ms,
      timeout_ms,
      calling,
    });
  }

  async detect(picture: Picture, options: CallOptions): Promise<DetectorAnswer> {
    const { source } = picture;
    const parts = source === undefined ? [] : [{ name: "source", value: source }];
    const form = formOf([...parts, picturePart(picture)]);
    const headers = { ...form.headers, accept: "application/json" };
    const exchange = await this.#server.open(
      { method: "POST", path: `${this.#path}/detect`, headers, body: form.body },
      options,
    );
    return exchange.complete(async () => {
      const text = await exchange.text();
      const infer_ms = exchange.elapsed_ms;
      return { ...readDetectAnswer(text, { picture, check: this.#check, fault: exchange.fault }), infer_ms };
    });
  }

  /** `GET /health`; a 404 will do: the server has no such path, but it answers. */
  async probe(signal: AbortSignal): Promise<void> {
    const status = await this.#server.status(`${this.#path}/health`, signal);
    if (status !== 404) assertReachable(status, { callee: this.#callee, fault: this.#server.fault });
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
