import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import fastify, { type FastifyInstance } from "fastify";
import type { Deps } from "../deps.ts";
import { camerasRoutes } from "../routes/cameras.ts";
import { chatRoutes } from "../routes/chat.ts";
import { deadLettersRoutes } from "../routes/dead-letters.ts";
import { detectionsRoutes } from "../routes/detections.ts";
import { openDocs } from "../routes/docs.ts";
import { documentsRoutes } from "../routes/documents.ts";
import { eventsRoutes } from "../routes/events.ts";
import { framesRoutes } from "../routes/frames.ts";
import { healthRoutes } from "../routes/health.ts";
import { homeRoutes } from "../routes/home.ts";
import { openAiRoutes } from "../routes/openai.ts";
import { pipelinesRoutes } from "../routes/pipelines.ts";
import { sessionRoutes } from "../routes/session.ts";
import { snapshotRoutes } from "../routes/snapshots.ts";
import { systemRoutes } from "../routes/system.ts";
import { admit } from "./admit.ts";
import { answerError, errorBody } from "./answer-error.ts";
import { readJsonBodies } from "./json-body.ts";
import { refuseNul } from "./refuse-nul.ts";

const PLAIN_BYTES = 64 * 1024;
const RECEIVE_MS = 60_000;

/** Puts the HTTP door together; it does not listen yet. */
export async function buildApp(deps: Deps): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: PLAIN_BYTES,
    requestTimeout: RECEIVE_MS,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
    exposeHeadRoutes: true,
  });
  readJsonBodies(app);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error, request, reply) => answerError(error as never, request, reply, deps.log));
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(errorBody("NOT_FOUND", `Cannot find ${request.method} ${request.url.split("?")[0]}`, false)),
  );
  app.decorateRequest("identity", null);
  app.addHook("onRequest", (request, reply) => admit(request, reply, deps));
  app.addHook("preValidation", refuseNul);
  await app.register(helmet, {
    hsts: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        connectSrc: ["'self'"],
        formAction: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  await app.register(cookie);
  await openDocs(app);
  for (const routes of ROUTES) await app.register(routes, deps);
  return app;
}

const ROUTES = [
  healthRoutes,
  homeRoutes,
  sessionRoutes,
  framesRoutes,
  camerasRoutes,
  snapshotRoutes,
  eventsRoutes,
  detectionsRoutes,
  deadLettersRoutes,
  systemRoutes,
  chatRoutes,
  documentsRoutes,
  pipelinesRoutes,
  openAiRoutes,
];
