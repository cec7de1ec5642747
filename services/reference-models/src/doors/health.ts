import type { FastifyInstance } from "fastify";

/** `GET /health`: ready as soon as it answers. */
export async function healthDoor(app: FastifyInstance): Promise<void> {
  app.get("/health", () => ({ status: "ok", backend: "reference" }));
}
