import { compileCheck, type ModelRef } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import { ModelAnswerError } from "../errors.ts";
import type { Talk } from "./talk.ts";

const Word = Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Null()]));
const Models = Type.Optional(Type.Array(Type.Object({ name: Word, version: Word })));
const Programs = Type.Optional(Type.Array(Type.Object({ name: Word, version: Word, models: Models, voices: Models })));
const check = compileCheck(Type.Object({ asr: Programs, tts: Programs }));

/** Asks a server what it has. @throws what `Talk.next` throws */
export async function describe(talk: Talk): Promise<Record<string, unknown>> {
  await talk.send({ type: "describe", data: {} });
  const { data } = await talk.nextOf("info");
  return data;
}

/**
 * Which model a server has for speech recognition (`asr`) or synthesis (`tts`): the first of its first program.
 * @throws {ModelAnswerError} when it does not say
 */
export async function describedModel(talk: Talk, domain: "asr" | "tts"): Promise<ModelRef> {
  const info = await describe(talk);
  const [program] = check.holds(info) ? (info[domain] ?? []) : [];
  if (!program) throw talk.fault(ModelAnswerError, `info must have a program for "${domain}": it has none`);
  const [model] = program.models ?? program.voices ?? [];
  return {
    name: model?.name ?? program.name ?? "unknown",
    version: model?.version ?? program.version ?? "unknown",
    backend: program.name ?? "wyoming",
  };
}
