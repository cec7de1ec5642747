import { countDueByService } from "@gatehouse/store";
import { mesh } from "@gatehouse/streams";
import type { FastifyPluginAsync } from "fastify";
import { summariseDeadLetters } from "../dead-letters/summarise-dead-letters.ts";
import type { Deps } from "../deps.ts";
import { allServices } from "../system/all-services.ts";
import { gpuCards } from "../system/gpu-cards.ts";
import { unlessAway } from "../unless-away.ts";

/**
 * How everything is: services of all processes, streams, consumers with their lag, work that is due, dead letters,
 * graphics cards, media. While Postgres is away what only it knows is null.
 */
export const systemRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const route = {
    config: { access: "operator" } as const,
    schema: {
      tags: ["system"],
      summary: "Services, streams, consumers, due work, dead letters, graphics cards, media",
    },
  };
  app.get("/api/system", route, async () => {
    const declared = mesh().streams.filter(({ consumers }) => consumers.length > 0);
    const [services, streams, due, dead_letters, gpu, ...consumers] = await Promise.all([
      allServices(deps),
      deps.bus.streams(),
      unlessAway(countDueByService(deps.db)),
      unlessAway(summariseDeadLetters(deps)),
      gpuCards(deps),
      ...declared.map(({ name }) => deps.bus.consumers(name)),
    ]);
    return {
      services,
      streams: streams.filter(({ name }) => !name.startsWith("KV_")),
      consumers: consumers.flat().map((consumer) => ({ ...consumer, lag: consumer.pending + consumer.ack_pending })),
      due,
      dead_letters,
      gpu,
      media: { ...deps.media.usage(), max_bytes: deps.config.retention.media_mb * 1024 * 1024 },
    };
  });
};
