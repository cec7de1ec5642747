import type { DetectionFilter } from "@gatehouse/store";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";
import { PAGE, SPAN } from "./pages.ts";

const Filter = Type.Object({
  camera_id: Type.Optional(Type.String({ maxLength: 64 })),
  label: Type.Optional(Type.String({ maxLength: 64 })),
  ...SPAN,
  ...PAGE,
});

/** What was found in the frames, newest captured first: as it is on the wire. */
export const detectionsRoutes: FastifyPluginAsync<Deps> = async (app, { detections }) => {
  const route = {
    config: { access: "viewer" } as const,
    schema: { tags: ["detections"], summary: "What was found in frames, newest first", querystring: Filter },
  };
  app.get<{ Querystring: Static<typeof Filter> }>("/api/detections", route, async ({ query }) => {
    const { items, next_cursor } = await detections.list(query as DetectionFilter);
    return { items: items.map(({ set, created_at_ms }) => ({ ...set, created_at_ms })), next_cursor };
  });
};
