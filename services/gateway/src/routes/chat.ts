import { chatMessage, encode } from "@gatehouse/events";
import {
  type AnswerRow,
  findAnswer,
  findChatSession,
  listChatMessages,
  listChatSessions,
  requestOwner,
  retryAnswer,
} from "@gatehouse/store";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { sendMessage } from "../chat/send-message.ts";
import type { Deps } from "../deps.ts";
import { NotFoundError, NotRetryableError } from "../errors.ts";
import { chatUserOf } from "../rights.ts";
import { PAGE } from "./pages.ts";

/** The longest message in any script, with a prompt and an escape for each letter. */
const MOST_BODY = 512 * 1024;
const Message = Type.Composite([
  Type.Object({ message: chatMessage.schema.properties.message }),
  Type.Partial(Type.Omit(chatMessage.schema, ["message", "user_id", "reply_to"])),
]);
const Page = Type.Object(PAGE);
type One = { Params: { id: string } };
type OneList = One & { Querystring: Static<typeof Page> };
const tags = ["chat"];
const holder = { access: "holder" } as const;

/** Asking, and what became of it: answers, the user's sessions and what was said in them. */
export const chatRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const { db, bus } = deps;
  const said = {
    config: { access: "holder", limit: "ai" } as const,
    bodyLimit: MOST_BODY,
    schema: { tags, summary: "Asks; the answer comes on ai.chat.response.stream.{request_id}", body: Message },
    validatorCompiler: () => () => true, // by `sendMessage`, as on the bus
  };
  app.post<{ Body: Record<string, unknown> | null }>("/api/chat/messages", said, async ({ body, identity }, reply) =>
    reply.code(202).send(await sendMessage(body ?? {}, chatUserOf(identity!), deps)),
  );

  const route = (summary: string, schema: object = {}) => ({ config: holder, schema: { tags, summary, ...schema } });
  app.get<One>("/api/chat/answers/:id", route("An answer, as far as it is kept"), async (request) => {
    const answer = await findAnswer(db, request.params.id);
    if (!answer || !mayRead(answer.user_id, request)) throw none(request.params.id);
    return shown(answer);
  });

  app.post<One>("/api/chat/answers/:id/cancel", route("Says that it is no longer wanted"), async (request, reply) => {
    const request_id = request.params.id;
    const user_id = await requestOwner(db, request_id);
    if (user_id === null || !mayRead(user_id, request)) throw none(request_id);
    await bus.publish(`ai.chat.user.${user_id}.cancel`, encode({ request_id, user_id }));
    return reply.code(202).send({ request_id });
  });

  app.post<One>("/api/chat/answers/:id/retry", route("Has a failed one given anew"), async (request, reply) => {
    const request_id = request.params.id;
    const answer = await findAnswer(db, request_id);
    if (!answer || !mayRead(answer.user_id, request)) throw none(request_id);
    const outcome = await db.transaction((tx) => retryAnswer(tx, request_id, answer.user_id));
    if (outcome !== "retried")
      throw new NotRetryableError(
        `Cannot give answer "${request_id}" anew as it must have failed for a while: current state is ${answer.state}`,
      );
    return reply.code(202).send({ request_id, session_id: answer.session_id });
  });

  const sessions = route("One's conversations, the one last spoken in first", { querystring: Page });
  app.get<OneList>("/api/chat/sessions", sessions, ({ query, identity }) =>
    listChatSessions(db, { ...query, user_id: chatUserOf(identity!) }),
  );

  const messages = route("What was said in one, newest first", { querystring: Page });
  app.get<OneList>("/api/chat/sessions/:id/messages", messages, async ({ params: { id }, query, identity }) => {
    const user_id = chatUserOf(identity!);
    if (!(await findChatSession(db, user_id, id))) throw new NotFoundError(`Cannot find session ${JSON.stringify(id)}`);
    return listChatMessages(db, { ...query, user_id, session_id: id });
  });
};

/** One's own; an admin's are everybody's. */
function mayRead(user_id: string, { identity }: Pick<FastifyRequest, "identity">): boolean {
  return identity!.role === "admin" || user_id === chatUserOf(identity!);
}

const none = (request_id: string): Error => new NotFoundError(`Cannot find answer ${JSON.stringify(request_id)}`);

function shown({ request_id, session_id, state, text, sources, model, usage, timings, error, ...times }: AnswerRow) {
  const { created_at_ms, ended_at_ms } = times;
  const known = { request_id, session_id, state, response: text, sources: sources ?? [] };
  return { ...known, model, usage, timings, error, created_at_ms, ended_at_ms };
}
