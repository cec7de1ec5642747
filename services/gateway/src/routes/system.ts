import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceReadiness } from "@gatehouse/runtime";
import { countDueByService } from "@gatehouse/store";
import { mesh } from "@gatehouse/streams";
import type { FastifyPluginAsync } from "fastify";
import { summariseDeadLetters } from "../dead-letters/summarise-dead-letters.ts";
import type { Deps } from "../deps.ts";

const ASK_MS = 1_000;

/** How everything is: services, streams, consumers with their lag, work that is due, dead letters, media. */
export const systemRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const route = {
    config: { access: "operator" } as const,
    schema: { tags: ["system"], summary: "Services, streams, consumers, due work, dead letters, media" },
  };
  app.get("/api/system", route, async () => {
    const declared = mesh().streams.filter(({ consumers }) => consumers.length > 0);
    const [services, streams, due, dead_letters, ...consumers] = await Promise.all([
      servicesOf(deps),
      deps.bus.streams(),
      countDueByService(deps.db),
      summariseDeadLetters(deps),
      ...declared.map(({ name }) => deps.bus.consumers(name)),
    ]);
    return {
      services,
      streams: streams.filter(({ name }) => !name.startsWith("KV_")),
      consumers: consumers.flat().map((consumer) => ({ ...consumer, lag: consumer.pending + consumer.ack_pending })),
      due,
      dead_letters,
      media: { ...deps.media.usage(), max_bytes: deps.config.retention.media_mb * 1024 * 1024 },
    };
  });
};

/** The services of this process, and what the other processes of `gatehouse up` say about theirs. */
async function servicesOf({ readiness, home }: Deps): Promise<ServiceReadiness[]> {
  const own = readiness();
  const told = await Promise.all((await healthUrls(home)).map(askReadiness));
  return [...own, ...told.flat().filter(({ service }) => own.every((known) => known.service !== service))];
}

async function healthUrls(home: string): Promise<string[]> {
  const file = await readFile(join(home, "run.json"), "utf8").catch(() => "{}");
  const { processes = [] } = JSON.parse(file) as { processes?: { health_url: string }[] };
  return processes.map(({ health_url }) => health_url);
}

async function askReadiness(health_url: string): Promise<ServiceReadiness[]> {
  try {
    const answer = await fetch(new URL("/readyz", health_url), { signal: AbortSignal.timeout(ASK_MS) });
    return ((await answer.json()) as { services: ServiceReadiness[] }).services;
  } catch {
    return [];
  }
}
