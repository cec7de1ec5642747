import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { asyncApi } from "@gatehouse/events";
import { mesh } from "@gatehouse/streams";
import type { FastifyInstance } from "fastify";

const open = { access: "anyone" } as const;

/** `/api/openapi.json`, `/api/asyncapi.json`, and a page to try it. Has to come before the routes that it describes. */
export async function openDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Gatehouse",
        version: "1",
        description: "HTTP door of the gateway; `/ws` is described by AsyncAPI",
      },
      components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
      security: [{ key: [] }],
    },
  });
  app.get("/api/openapi.json", { config: open, schema: { hide: true } }, async () => app.swagger());
  const asyncDocument = asyncApi({ streams: mesh().streams });
  app.get("/api/asyncapi.json", { config: open, schema: { hide: true } }, async () => asyncDocument);
  app.addHook("onRoute", (route) => {
    if (route.url.startsWith("/api/docs")) route.config = { ...route.config, ...open };
  });
  await app.register(swaggerUi, {
    routePrefix: "/api/docs",
    staticCSP: true,
    uiConfig: { url: "/api/openapi.json", persistAuthorization: false },
  });
}
