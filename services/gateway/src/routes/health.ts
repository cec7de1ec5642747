import { readinessAnswer, type ServiceReadiness } from "@gatehouse/runtime";
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";

const PROBE_MS = 1_000;

/** `/livez` asks nobody; `/readyz` says whether what the gateway needs is there. Nothing more on the public port. */
export const healthRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const config = { access: "anyone" } as const;
  app.get("/livez", { config, schema: { tags: ["health"] } }, async () => ({ status: "alive" }));
  app.get("/readyz", { config, schema: { tags: ["health"] } }, async (_request, reply) => {
    const { http_status, body } = readinessAnswer([await gatewayReadiness(deps)]);
    return reply.code(http_status).send(body);
  });
};

/** How this gateway is now. */
export async function gatewayReadiness({ bus, db, cache }: Deps): Promise<ServiceReadiness> {
  const since_ms = Date.now();
  const down = (name: string) => ({ code: "DEPENDENCY_DOWN", message: `${name} does not answer`, since_ms });
  const answers = (probe: (signal: AbortSignal) => Promise<void>) =>
    probe(AbortSignal.timeout(PROBE_MS)).then(
      () => true,
      () => false,
    );
  const [postgres, redis] = await Promise.all([answers((s) => db.probe(s)), answers((s) => cache.probe(s))]);
  const blocking = [...(bus.connected ? [] : [down("broker")]), ...(postgres ? [] : [down("postgres")])];
  const weak = redis ? [] : [down("redis")];
  const status = blocking.length > 0 ? "not_ready" : weak.length > 0 ? "degraded" : "ready";
  return { service: "gateway", status, reasons: [...blocking, ...weak] };
}
