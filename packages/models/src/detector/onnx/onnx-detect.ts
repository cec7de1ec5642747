import { accessSync, constants, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { GatehouseError } from "@gatehouse/errors";
import type { CallOptions } from "../../calling/call-options.ts";
import type { Calling } from "../../calling/calling.ts";
import { type Callee, timedOut } from "../../calling/faults.ts";
import { untilAborted } from "../../calling/retrying.ts";
import { type AdmittedCall, ServerCalls } from "../../calling/server-calls.ts";
import {
  DetectorAuthError,
  DetectorDownError,
  ModelAnswerError,
  ModelConfigError,
  ModelRefusedError,
} from "../../errors.ts";
import { ONNX_DEFAULTS, type OnnxConfig, YOLO_DEFAULTS } from "../config.ts";
import type { Detector, DetectorAnswer, Picture } from "../detector.ts";
import { SessionFault, SessionProcess } from "./session-process.ts";

/** A YOLO model of this machine: a `.onnx` file, run by ONNX Runtime on the processor, in a process beside this one. */
export class OnnxDetect implements Detector {
  readonly #callee: Callee;
  readonly #calls: ServerCalls;
  readonly #session: SessionProcess;
  readonly #timeout_ms: number;

  /** @throws {ModelConfigError} when the file cannot be read. Whether it is a model is seen when it is loaded, at the first call. */
  constructor(config: OnnxConfig, calling: Calling) {
    const { labels, min_confidence, max_overlap, timeout_ms, in_flight } = {
      ...ONNX_DEFAULTS,
      ...YOLO_DEFAULTS,
      ...config,
    };
    const file = readableFile(config.file);
    const model = basename(file, ".onnx");
    this.#callee = { action: "detect objects", server: file, model, Down: DetectorDownError, Auth: DetectorAuthError };
    this.#calls = new ServerCalls({ callee: this.#callee, in_flight, timeout_ms, calling });
    this.#session = new SessionProcess({ file, labels, min_confidence, max_overlap });
    this.#timeout_ms = timeout_ms;
  }

  detect(picture: Picture, options: CallOptions): Promise<DetectorAnswer> {
    return this.#calls.whole((call) => this.#look(picture, call), options);
  }

  /** Loads the model. @throws {DetectorDownError} when it cannot be loaded, or is being loaded still */
  async probe(signal: AbortSignal): Promise<void> {
    const look = async ({ signal: until }: { signal: AbortSignal }) => this.#opened(until, signal);
    await this.#calls.probe(look, { signal, isThere: () => true });
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  /** Whoever gives up is told at once; the slot is free when the model is through with the picture. */
  async #look(picture: Picture, call: AdmittedCall): Promise<DetectorAnswer> {
    const model = await this.#opened(AbortSignal.timeout(this.#timeout_ms), call.signal);
    const limit = AbortSignal.timeout(this.#timeout_ms);
    try {
      return { model, ...(await this.#session.look(picture, limit)) };
    } catch (thrown) {
      if (limit.aborted) throw timedOut(this.#calls.fault, { timeout_ms: this.#timeout_ms, is_whole: false });
      throw this.#explain(thrown);
    }
  }

  async #opened(limit: AbortSignal, caller: AbortSignal) {
    try {
      return await untilAborted(this.#session.opened(), { signal: limit, discard: () => {} });
    } catch (thrown) {
      caller.throwIfAborted();
      if (limit.aborted) throw this.#calls.fault(this.#callee.Down, "its model must be loaded: it is being loaded");
      throw this.#explain(thrown);
    }
  }

  #explain(thrown: unknown): GatehouseError {
    if (!(thrown instanceof SessionFault)) throw thrown;
    const { code, message } = thrown;
    if (code === "DOWN") return this.#calls.fault(this.#callee.Down, message);
    return this.#calls.fault(code === ModelRefusedError.code ? ModelRefusedError : ModelAnswerError, message);
  }
}

/** The absolute path of a file that is there. */
function readableFile(path: string): string {
  const file = resolve(path);
  const wanted = `Cannot use "${file}" as it must be a .onnx file that can be read`;
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    throw new ModelConfigError(`${wanted}: current state is "${(cause as NodeJS.ErrnoException).code}"`, { cause });
  }
  const stat = statSync(file);
  if (stat.isFile() && stat.size > 0) return file;
  throw new ModelConfigError(`${wanted}: ${stat.isFile() ? "it is empty" : "it is no file"}`);
}
