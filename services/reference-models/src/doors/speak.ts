import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { failAsSwitched, goneSignal } from "../failing.ts";
import { type Spoken, speakerModel, spoken } from "../speaker/espeak.ts";
import { speakAsSwitched } from "../speaker/speak-as-switched.ts";
import type { DoorParts } from "./door-parts.ts";
import { answerTextError } from "./text-error.ts";
import { readFields, wrong } from "./text-fields.ts";

/** Headers that say who spoke, as sound cannot. */
const heading = {
  "x-model": speakerModel.model,
  "x-version": speakerModel.version,
  "x-backend": speakerModel.backend,
};

/** Texts as sound, as OpenAI (`/v1/audio/speech`) and XTTS (`/tts`) give it: a WAV file that comes while it is made. */
export async function speakDoor(app: FastifyInstance, { failures, random }: DoorParts): Promise<void> {
  app.setErrorHandler((error: Error, request, reply) => answerTextError(error, request, reply));
  app.post("/v1/audio/speech", (request, reply) => answer(readOpenAi(request), reply));
  app.post("/tts", (request, reply) => answer(readTts(request), reply));

  async function answer(wanted: Spoken, reply: FastifyReply): Promise<FastifyReply> {
    const signal = goneSignal(reply);
    if (!(await failAsSwitched(failures.speak, reply, { random, signal }))) return reply;
    const pieces = speakAsSwitched(wanted, failures.speak, signal);
    const first = await pieces.next();
    const all = Readable.from(resumed(first, pieces), { objectMode: false });
    return reply.type("audio/wav").headers(heading).send(all);
  }
}

function readOpenAi({ body }: FastifyRequest): Spoken {
  const { input, voice, response_format = "wav" } = readFields(body);
  if (response_format !== "wav") throw wrong("response_format", '"wav"', response_format);
  return spoken(input, voice);
}

function readTts({ body }: FastifyRequest): Spoken {
  const { text, speaker, voice = speaker, language } = readFields(body);
  return spoken(text, voice ?? language);
}

/** What was begun with its first `next()`. */
async function* resumed<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void>): AsyncGenerator<T> {
  if (first.done) return;
  try {
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}
