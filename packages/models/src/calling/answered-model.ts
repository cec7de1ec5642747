import type { ModelRef } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";

const word = Type.Optional(Type.String({ minLength: 1, maxLength: 256 }));

/** Fields of a JSON answer that say which model gave it. */
export const ANSWERED_MODEL = { model: word, version: word, backend: word };

/** What an answer says of its model. `backend` is written where it names none. */
export function answeredModel(
  { model, version, backend }: { model?: string; version?: string; backend?: string },
  usual: { name?: string | undefined; backend: string },
): ModelRef {
  return {
    name: model ?? usual.name ?? "unknown",
    version: version ?? "unknown",
    backend: backend ?? usual.backend,
  };
}
