import type { CallOptions } from "@gatehouse/models";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import type { Deps } from "../deps.ts";
import { NotFoundError } from "../errors.ts";
import { tell, tellLog, tellWith } from "../http/answer-error.ts";
import { goneSignal } from "../http/gone-signal.ts";
import { ChatCompletion, readChatRequest } from "../openai/chat-request.ts";
import { EmbeddingRequest, embed, readEmbeddingRequest } from "../openai/embeddings.ts";
import { newHeading } from "../openai/heading.ts";
import { embedderFor, llmFor, modelIds, unknown } from "../openai/model-ids.ts";
import { openAiError } from "../openai/openai-error.ts";
import { streamAnswer } from "../openai/streamed-answer.ts";
import { wholeAnswer } from "../openai/whole-answer.ts";
import { chatUserOf } from "../rights.ts";

/** A picture of 8 MiB in base64, and a long conversation. */
const MOST_BODY = 12 * 1024 * 1024;
const tags = ["openai"];

/** `/v1`: what programs that speak to OpenAI ask for, answered by the configured models themselves. */
export const openAiRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  await app.register(v1, { ...deps, prefix: "/v1" });
};

const v1: FastifyPluginAsync<Deps> = async (app, deps) => {
  app.setErrorHandler((error, request, reply) => {
    const told = tell(error as never, request);
    tellLog(error as Error, told, { request, log: deps.log });
    void tellWith(reply, told).send(openAiError(told));
  });
  app.setNotFoundHandler((request) => {
    throw new NotFoundError(`Cannot find ${request.method} ${request.url.split("?")[0]}`);
  });
  app.get("/models", route("Models that can be asked"), async () => ({
    object: "list",
    data: modelIds(deps).map(shownModel),
  }));
  app.get<{ Params: { "*": string } }>("/models/*", route("One model"), async ({ params: { "*": id } }) => {
    if (modelIds(deps).includes(id)) return shownModel(id);
    throw unknown(id);
  });
  const receive = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.raw.once("close", deps.uploads.begin(request.headers["content-length"], MOST_BODY));
  };
  const asking = (summary: string, body: object, limit: "ai" | "search") => ({
    ...route(summary, body, limit),
    bodyLimit: MOST_BODY,
    onRequest: receive,
  });

  app.post("/chat/completions", asking("Answers a conversation", ChatCompletion, "ai"), async (request, reply) => {
    const { model, request: asked, has_pictures, stream, include_usage } = readChatRequest(request.body);
    const { llm, ...which } = llmFor(model, deps, has_pictures);
    const options = callOptions(reply);
    const { signal } = options;
    const lists = llm.complete(asked, {
      ...options,
      ...which,
      restarts: !stream,
      user_id: chatUserOf(request.identity!),
    });
    const heading = newHeading(model);
    if (!stream) return unlessGone(reply, signal, wholeAnswer(lists, heading));
    const tellError = (error: unknown): object => {
      const told = tell(error as never, request);
      tellLog(error as Error, told, { request, log: deps.log });
      return openAiError(told);
    };
    await unlessGone(reply, signal, streamAnswer(reply, { lists, heading, include_usage, signal, tellError }));
    return reply;
  });

  app.post("/embeddings", asking("Turns texts into vectors", EmbeddingRequest, "search"), async (request, reply) => {
    const asked = readEmbeddingRequest(request.body);
    const embedder = embedderFor(asked.model, deps);
    const options = callOptions(reply);
    return unlessGone(reply, options.signal, embed(embedder, asked, options));
  });
};

/** The body is described here and checked by the route, which neither changes nor drops anything of it. */
function route(
  summary: string,
  body?: object,
  limit: "ai" | "search" | "requests" = "requests",
): RouteShorthandOptions {
  return {
    config: { access: "holder", limit },
    schema: { tags, summary, ...(body ? { body } : {}) },
    validatorCompiler: () => () => true,
    helmet: false, // its headers are for browsers' pages
  };
}

/** Somebody waits for it: it goes before the work of every day, and ends when they go. */
function callOptions(reply: FastifyReply): CallOptions {
  return { signal: goneSignal(reply), priority: 1 };
}

/** Nobody hears what broke when the client was gone. */
async function unlessGone<T>(reply: FastifyReply, signal: AbortSignal, answer: Promise<T>): Promise<T | FastifyReply> {
  try {
    return await answer;
  } catch (error) {
    if (!signal.aborted) throw error;
    return reply.hijack();
  }
}

const shownModel = (id: string): object => ({ id, object: "model", created: 0, owned_by: "gatehouse" });
