import { type Checker, compileCheck, type ModelRef } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import { type Fault, shown } from "../calling/faults.ts";
import { readJsonAnswer } from "../calling/json-answer.ts";
import { ModelAnswerError } from "../errors.ts";
import type { FoundObject, Picture } from "./detector.ts";
import { normalisedBox } from "./found-object.ts";

const side = Type.Number();
const word = Type.String({ minLength: 1, maxLength: 128 });

/** The body of a `/detect` answer; other fields are ignored. */
const DetectBody = Type.Object({
  detections: Type.Array(
    Type.Object({
      class: Type.String({ minLength: 1, maxLength: 64 }),
      confidence: Type.Number({ minimum: 0, maximum: 1 }),
      bbox: Type.Object({ x: side, y: side, width: side, height: side }),
    }),
    { maxItems: 1_000 },
  ),
  model: Type.Optional(word),
  version: Type.Optional(word),
  backend: Type.Optional(word),
});
type DetectBody = Static<typeof DetectBody>;

export type DetectCheck = Checker<typeof DetectBody>;

/** Compiles the check of a `/detect` answer; once per client. */
export const compileDetectCheck = (): DetectCheck => compileCheck(DetectBody);

/** Reads a `/detect` answer. @throws {ModelAnswerError} with the place, the value wanted and the value seen */
export function readDetectAnswer(
  text: string,
  { picture, check, fault }: { picture: Picture; check: DetectCheck; fault: Fault },
): { model: ModelRef; detections: FoundObject[] } {
  const body = readJsonAnswer(text, { check, name: "detections", fault });
  return { model: modelOf(body), detections: body.detections.map((found, index) => foundObject(found, index)) };

  function foundObject(found: DetectBody["detections"][number], index: number): FoundObject {
    const box = normalisedBox(found.bbox, picture);
    if (box) return { label: found.class, confidence: found.confidence, box };
    const { width, height } = picture;
    const seen = shown(JSON.stringify(found.bbox));
    throw fault(
      ModelAnswerError,
      `detections[${index}].bbox must lie in the picture of ${width} x ${height}: current value is ${seen}`,
    );
  }
}

const modelOf = ({ model, version, backend }: DetectBody): ModelRef => ({
  name: model ?? "unknown",
  version: version ?? "unknown",
  backend: backend ?? "http-detect",
});
