import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ErrorClass } from "@gatehouse/errors";
import type { ModelRef } from "@gatehouse/events";
import type * as Ort from "onnxruntime-node";
import { ModelAnswerError, ModelConfigError } from "../../errors.ts";
import type { Picture } from "../detector.ts";
import { letterbox, type Size } from "../letterbox.ts";
import { readYoloOutput } from "../yolo-output.ts";
import type { Looked, OpenSession } from "./messages.ts";

/** A loaded YOLO model. */
export interface YoloSession {
  model: ModelRef;
  /** Decodes a picture, runs the model, reads its output. While the model runs the thread is blocked. */
  look(picture: Picture): Promise<Looked>;
}

/** What a side of the input is where the model leaves it open, as YOLO models are trained with. */
const USUAL_SIDE = 640;
const LONGEST_SIDE = 4_096;
const MOST_THREADS = 8;
/** Only errors: what is wrong with a model is told by what is thrown. */
const LOG_ERRORS = 3;

/** @throws {Error} with what was wanted and what was seen, when runtime or model cannot be loaded or the model is no YOLO model */
export async function openYoloSession({ file, ...reading }: OpenSession): Promise<YoloSession> {
  const ort = await loadRuntime();
  const session = await ort.InferenceSession.create(file, {
    executionProviders: ["cpu"],
    intraOpNumThreads: Math.min(MOST_THREADS, Math.ceil(availableParallelism() / 2)),
    interOpNumThreads: 1,
    logSeverityLevel: LOG_ERRORS,
  });
  const input = inputOf(session);
  const output = outputOf(session);
  const model = { name: basename(file, ".onnx"), version: await contentHash(file), backend: "onnxruntime" };
  return {
    model,
    async look(picture) {
      const { data, shape, place } = await letterbox(picture, input.size, plainFault);
      const started_ms = performance.now();
      const tensor = new ort.Tensor("float32", data, shape);
      const { [output]: seen } = await session.run({ [input.name]: tensor }, [output]).catch((cause: Error) => {
        throw new ModelAnswerError(`the model must run: current state is ${JSON.stringify(cause.message)}`, { cause });
      });
      const values = { shape: seen!.dims, data: seen!.data as Float32Array };
      const detections = readYoloOutput(values, { ...reading, input: input.size, place, fault: plainFault });
      return { detections, infer_ms: performance.now() - started_ms };
    },
  };
}

/** The sentence's beginning is added where the detector's name is known. */
const plainFault = (Class: ErrorClass, reason: string, options = {}) => new Class(reason, options);

async function loadRuntime(): Promise<typeof Ort> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ModelConfigError(
      `the optional package onnxruntime-node must be installed: current state is "${code ?? message}"`,
      { cause },
    );
  }
}

function inputOf(session: Ort.InferenceSession): { name: string; size: Size } {
  const [input, ...others] = session.inputMetadata;
  const shape = input?.isTensor && input.type === "float32" && others.length === 0 ? input.shape : [];
  const [batch, channels, height, width] = shape.map((side) => (typeof side === "number" ? side : null));
  const isFree = (side: number | null | undefined) => side === null || (side! >= 1 && side! <= LONGEST_SIDE);
  if (shape.length !== 4 || (batch ?? 1) !== 1 || (channels ?? 3) !== 3 || !isFree(height) || !isFree(width))
    throw new ModelConfigError(
      `its input must be one tensor float32 [1,3,height,width] with sides up to ${LONGEST_SIDE}: it has ${shownValues(session.inputMetadata)}`,
    );
  return { name: input!.name, size: { width: width ?? USUAL_SIDE, height: height ?? USUAL_SIDE } };
}

/** The first one: what else a model gives (masks, key points) is not asked for. */
function outputOf(session: Ort.InferenceSession): string {
  const [output] = session.outputMetadata;
  if (output?.isTensor && output.type === "float32") return output.name;
  throw new ModelConfigError(
    `its first output must be a tensor float32: it has ${shownValues(session.outputMetadata)}`,
  );
}

const shownValues = (values: readonly Ort.InferenceSession.ValueMetadata[]): string =>
  values.map((value) => (value.isTensor ? `${value.type} [${value.shape}]` : "no tensor")).join(", ") || "none";

/** The first 12 hex digits of the content's SHA-256: another file under the same name is another version. */
async function contentHash(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex").slice(0, 12);
}
