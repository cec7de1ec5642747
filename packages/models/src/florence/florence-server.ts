import type { ErrorClass } from "@gatehouse/errors";
import { type Checker, compileCheck, type ModelRef } from "@gatehouse/events";
import { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
import { ANSWERED_MODEL, answeredModel } from "../calling/answered-model.ts";
import type { CallOptions } from "../calling/call-options.ts";
import type { Calling } from "../calling/calling.ts";
import type { Fault } from "../calling/faults.ts";
import { formOf } from "../calling/form.ts";
import { JsonServer } from "../calling/json-server.ts";
import type { Picture } from "../detector/detector.ts";
import { picturePart } from "../detector/picture-part.ts";
import { FLORENCE_DEFAULTS, type FlorenceConfig } from "./config.ts";

/** One of the tasks that Florence-2 was trained for: https://huggingface.co/microsoft/Florence-2-large */
export interface FlorenceTask<S extends TSchema> {
  /** `<CAPTION>` */
  task: string;
  check: Checker<TObject<Record<string, S>>>;
}

/** Declares a task by its prompt and what its post-processing gives. */
export function florenceTask<S extends TSchema>(task: string, answer: S): FlorenceTask<S> {
  const body = Type.Object({ [task]: answer, ...ANSWERED_MODEL });
  return { task, check: compileCheck(body) as unknown as FlorenceTask<S>["check"] };
}

export interface FlorenceServerOptions {
  config: FlorenceConfig;
  /** `describe a picture` */
  action: string;
  Down: ErrorClass;
  Auth: ErrorClass;
  calling: Calling;
}

/** Florence-2 behind `POST /predict`: a form with a picture and a task, answered by a map with the task's name. */
export class FlorenceServer {
  readonly #server: JsonServer;

  constructor({ config, ...options }: FlorenceServerOptions) {
    this.#server = new JsonServer({ config: { ...FLORENCE_DEFAULTS, ...config }, ...options });
  }

  get fault(): Fault {
    return this.#server.fault;
  }

  /** Asks for one task. `text_input`: what stands behind the task in the prompt. @throws what `JsonServer.ask` throws */
  async ask<S extends TSchema>(
    { task, check }: FlorenceTask<S>,
    { picture, text_input }: { picture: Picture; text_input?: string },
    options: CallOptions,
  ): Promise<{ answer: Static<S>; model: ModelRef }> {
    const about = text_input === undefined ? [] : [{ name: "text_input", value: text_input }];
    const form = formOf([{ name: "task", value: task }, ...about, picturePart(picture)]);
    const body = await this.#server.ask({ path: "/predict", form, check, wanted: `an answer to ${task}` }, options);
    const answer = (body as Record<string, Static<S>>)[task]!;
    return { answer, model: answeredModel(body, { backend: "florence" }) };
  }

  /** `GET /health`; a 404 will do: the server has no such path, but it answers. */
  probe(signal: AbortSignal): Promise<void> {
    return this.#server.probe("/health", { signal, may_lack: true });
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
