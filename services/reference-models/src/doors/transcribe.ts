import { readWavHeader } from "@gatehouse/models";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { BadRequestError, UnsupportedMediaError } from "../errors.ts";
import { failAsSwitched, goneSignal } from "../failing.ts";
import { listenAsSwitched } from "../listener/listen-as-switched.ts";
import { type Heard, listenerLanguage, listenerModel, maxSpeechBytes, type Speech } from "../listener/pocketsphinx.ts";
import type { DoorParts } from "./door-parts.ts";
import { readForm, type SentForm } from "./read-form.ts";
import { answerTextError } from "./text-error.ts";
import { wrong } from "./text-fields.ts";

const formats = ["json", "verbose_json", "text"];

/** Speech as text, as OpenAI (`/v1/audio/transcriptions`) and a Ray Serve Whisper (`/whisper`) give it. */
export async function transcribeDoor(app: FastifyInstance, { failures, random }: DoorParts): Promise<void> {
  app.setErrorHandler((error: Error, request, reply) => answerTextError(error, request, reply));
  app.post("/v1/audio/transcriptions", async (request, reply) => {
    const form = await readSpeechForm(request);
    const format = form.texts.get("response_format") ?? "json";
    if (!formats.includes(format)) throw wrong("response_format", formats.join("|"), format);
    return answer(form, reply, (heard) => (format === "text" ? heard.text : openAi(heard, format === "verbose_json")));
  });
  app.post("/whisper", async (request, reply) =>
    answer(await readSpeechForm(request), reply, ({ text }) => ({
      text,
      language: listenerLanguage,
      ...listenerModel,
    })),
  );

  async function answer(form: SentForm, reply: FastifyReply, shape: (heard: Heard) => unknown): Promise<FastifyReply> {
    const speech = readSpeech(form);
    const signal = goneSignal(reply);
    if (!(await failAsSwitched(failures.transcribe, reply, { random, signal }))) return reply;
    return reply.send(shape(await listenAsSwitched(speech, failures.transcribe, signal)));
  }
}

function openAi({ text, duration_ms }: Heard, verbose: boolean): object {
  const more = verbose ? { task: "transcribe", language: "english", duration: duration_ms / 1_000 } : {};
  return { text, ...more, ...listenerModel };
}

async function readSpeechForm(request: FastifyRequest): Promise<SentForm> {
  if (request.isMultipart()) return readForm(request, maxSpeechBytes);
  const seen = request.headers["content-type"] ?? "";
  throw new UnsupportedMediaError(
    `Cannot hear speech as content-type must be multipart/form-data: current value is "${seen}"`,
  );
}

/** The samples of the WAV file. @throws {BadRequestError} @throws {UnsupportedMediaError} */
function readSpeech({ files }: SentForm): Speech {
  const file = files.get("file") ?? files.get("audio");
  if (!file?.length) throw new BadRequestError('Cannot hear speech as the form must have a part "file" or "audio"');
  const header = headerOf(file);
  return { samples: file.subarray(header.start, header.start + (header.length ?? file.length)), format: header };
}

function headerOf(file: Uint8Array) {
  let seen = "it ends within its header";
  try {
    const header = readWavHeader(file);
    if (header) return header;
  } catch (error) {
    seen = (error as Error).message;
  }
  throw new UnsupportedMediaError(`Cannot hear speech as it must be a WAV file of 16-bit PCM: ${seen}`);
}
