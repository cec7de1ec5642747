import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { FastifyInstance, FastifyReply } from "fastify";
import { type Generated, generate, type Piece } from "../answerer/generate.ts";
import { type ChatRequest, readChatRequest } from "../answerer/request.ts";
import { chunkEvent, completionBody, deltaOf, doneEvent, type Heading } from "../answerer/wire.ts";
import { describeBriefly } from "../describer/describe-picture.ts";
import { Detector } from "../detector/detector.ts";
import { decodePicture } from "../detector/picture.ts";
import { failAsSwitched, goneSignal } from "../failing.ts";
import { type DoorFailures, pause } from "../failures.ts";
import { wireError } from "./answer-error.ts";
import type { DoorParts, ServiceLog } from "./door-parts.ts";

/** `POST /v1/chat/completions` and `GET /v1/models`, as OpenAI's API has them; answered from the prompt's own sentences and what is seen in its pictures. */
export async function chatDoor(app: FastifyInstance, { failures, random, log }: DoorParts): Promise<void> {
  const detector = new Detector();
  app.setErrorHandler((error: Error, _request, reply) => {
    const { status, code, message, param } = wireError(error);
    const type = status < 500 ? "invalid_request_error" : "server_error";
    void reply.code(status).send({ error: { message, type, param, code: code.toLowerCase() } });
  });
  app.get("/v1/models", () => ({
    object: "list",
    data: [{ id: "reference-llm", object: "model", created: 0, owned_by: "gatehouse", backend: "reference" }],
  }));
  app.post("/v1/chat/completions", async (httpRequest, reply) => {
    const request = readChatRequest(httpRequest.body);
    const signal = goneSignal(reply);
    if (!(await failAsSwitched(failures.chat, reply, { random, signal }))) return reply;
    const generated = generate({ ...request, turns: await withPictures(request, detector) });
    const pieces = speak(generated.pieces, failures.chat, reply, { signal, log });
    const heading = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: request.model };
    if (request.stream) return streamAnswer(reply, { request, generated, pieces, heading, signal });
    for await (const _ of pieces);
    return signal.aborted ? reply.hijack() : completionBody(heading, generated);
  });
}

/** The turns, what is seen in their pictures before their words. */
async function withPictures({ turns, pictures }: ChatRequest, detector: Detector): Promise<ChatRequest["turns"]> {
  const seen = turns.map(({ text }) => [text]);
  for (const { turn, bytes } of pictures.toReversed()) {
    const picture = await decodePicture(bytes);
    seen[turn]!.unshift(describeBriefly(picture, detector.detect(picture)));
  }
  return turns.map(({ role }, turn) => ({ role, text: seen[turn]!.join("\n") }));
}

/** The pieces at the switched speed; ends early when the client goes, and cuts the line where a switch says so. */
async function* speak(
  pieces: Piece[],
  switches: DoorFailures,
  reply: FastifyReply,
  { signal, log }: { signal: AbortSignal; log: ServiceLog | undefined },
): AsyncGenerator<Piece> {
  const { tokens_per_s, drop_after_tokens } = switches;
  for (const [at, piece] of pieces.entries()) {
    if (drop_after_tokens !== null && at >= drop_after_tokens) {
      if (reply.raw.headersSent) await new Promise<void>((sent) => reply.raw.write(": dropped\n\n", () => sent()));
      reply.raw.destroy();
      if (!signal.aborted) await once(signal, "abort");
    }
    if (tokens_per_s !== null) await pause(1000 / tokens_per_s, signal);
    if (signal.aborted) {
      log?.info({ tokens_spoken: at, tokens: pieces.length }, "answer ended early");
      return;
    }
    yield piece;
  }
}

interface Streamed {
  request: ChatRequest;
  generated: Generated;
  pieces: AsyncIterable<Piece>;
  heading: Heading;
  signal: AbortSignal;
}

async function streamAnswer(
  reply: FastifyReply,
  { request, generated, pieces, heading, signal }: Streamed,
): Promise<FastifyReply> {
  reply.hijack();
  const usage = request.includeUsage ? { usage: null } : {};
  reply.raw.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  await send(chunkEvent(heading, { delta: { role: "assistant", content: "" }, ...usage }));
  for await (const piece of pieces) await send(chunkEvent(heading, { delta: deltaOf(heading, piece), ...usage }));
  if (signal.aborted) return reply;
  await send(chunkEvent(heading, { delta: {}, finish: generated.finish, ...usage }));
  if (request.includeUsage) await send(chunkEvent(heading, { usage: generated.usage }));
  reply.raw.end(doneEvent);
  return reply;

  async function send(event: string): Promise<void> {
    if (signal.aborted || reply.raw.write(event)) return;
    await once(reply.raw, "drain", { signal }).catch(() => undefined);
  }
}
