import type { FastifyInstance } from "fastify";

/** `GET /health`, and `/readyz` as every process of the mesh has it: ready as soon as it answers. */
export async function healthDoor(app: FastifyInstance): Promise<void> {
  app.get("/health", () => ({ status: "ok", backend: "reference" }));
  app.get("/readyz", () => ({
    status: "ready",
    services: [{ service: "reference-models", status: "ready", reasons: [] }],
  }));
}
