import { writeAudit } from "@gatehouse/store";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyPluginAsync } from "fastify";
import { assertOurHost, cookieOf, SESSION_COOKIE } from "../auth/authenticate.ts";
import { SESSION_S } from "../auth/sessions.ts";
import type { Deps } from "../deps.ts";
import { UnauthorizedError } from "../errors.ts";
import { nameOf } from "../http/admit.ts";
import { assertAllowed } from "../rate-limits.ts";
import { chatUserOf } from "../rights.ts";

const Login = Type.Object({
  code: Type.String({ maxLength: 128, description: "From the printed link, once, within 60 s" }),
});

/** Logs a browser in for a printed link's code, tells it who it is, logs it out. */
export const sessionRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const tags = ["session"];
  const open = { config: { access: "anyone" } as const, schema: { tags, summary: "Logs a browser in", body: Login } };
  const cookie = { path: "/", httpOnly: true, sameSite: "strict" as const, secure: isSecure(deps) };

  app.post<{ Body: Static<typeof Login> }>("/api/session", open, async (request, reply) => {
    assertOurHost(request.raw, deps);
    assertAllowed(deps.rates.wrongKeys.look(request.ip), "wrong codes");
    const session = await deps.sessions.open(request.body.code);
    const identity = session && (await deps.keyring.byId(session.key_id));
    if (!session || !identity) {
      deps.rates.wrongKeys.take(request.ip);
      throw new UnauthorizedError("Cannot log in as the code is not known, was used, or is older than 60 s");
    }
    const entry = { at_ms: Date.now(), who: nameOf(identity), action: "session.open", target: identity.key_id };
    await writeAudit(deps.db, { ...entry, details: { address: request.ip } });
    reply.setCookie(SESSION_COOKIE, session.token, { ...cookie, maxAge: SESSION_S });
    return { role: identity.role, user_id: identity.user_id };
  });

  const who = { config: { access: "holder" } as const, schema: { tags, summary: "Who is asking" } };
  app.get("/api/session", who, async ({ identity }) => {
    const { role, user_id, label, subjects } = identity!;
    return { role, user_id, chats_as: chatUserOf(identity!), label, subjects };
  });

  const close = { config: { access: "holder" } as const, schema: { tags, summary: "Logs a browser out" } };
  app.delete("/api/session", close, async (request, reply) => {
    const token = cookieOf(request.headers.cookie);
    if (token) await deps.sessions.close(token);
    return reply.clearCookie(SESSION_COOKIE, cookie).code(204).send();
  });
};

const isSecure = ({ config: { gateway } }: Deps): boolean => gateway.public_url?.startsWith("https:") ?? false;
