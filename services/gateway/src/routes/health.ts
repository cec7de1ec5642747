import { readinessAnswer } from "@gatehouse/runtime";
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";

/** `/livez` asks nobody; `/readyz` says how the services of this process are. Nothing more on the public port. */
export const healthRoutes: FastifyPluginAsync<Deps> = async (app, { readiness }) => {
  const config = { access: "anyone" } as const;
  app.get("/livez", { config, schema: { tags: ["health"] } }, async () => ({ status: "alive" }));
  app.get("/readyz", { config, schema: { tags: ["health"] } }, async (_request, reply) => {
    const { http_status, body } = readinessAnswer(readiness());
    return reply.code(http_status).send(body);
  });
};
