import { annotate } from "@gatehouse/media";
import { bestFrameOfEvent, type DetectionRow, lastPictureOf } from "@gatehouse/store";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyPluginAsync, FastifyReply } from "fastify";
import type { Deps } from "../deps.ts";
import { NotFoundError } from "../errors.ts";

const Query = Type.Object({
  boxes: Type.Optional(Type.Union([Type.Literal("0"), Type.Literal("1")], { default: "0" })),
});
type Route = { Params: { id: string }; Querystring: Static<typeof Query> };

const MEDIA_TYPES: Record<string, string> = { jpg: "image/jpeg", png: "image/png", webp: "image/webp" };

/** Pictures that were kept: the last one of a camera, the best one of an event. `?boxes=1` draws what was found. */
export const snapshotRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const config = { access: "viewer", limit: "media" } as const;
  const camera = { config, schema: { tags: ["cameras"], summary: "A camera's last picture", querystring: Query } };
  app.get<Route>("/api/cameras/:id/snapshot", camera, async ({ params: { id }, query }, reply) => {
    const frame = await lastPictureOf(deps.db, id);
    return sendPicture(reply, frame, { of: `camera "${id}"`, boxes: query.boxes === "1", max_age_s: 0 }, deps);
  });
  const event = { config, schema: { tags: ["events"], summary: "An event's best picture", querystring: Query } };
  app.get<Route>("/api/events/:id/snapshot", event, async ({ params: { id }, query }, reply) => {
    const frame = await bestFrameOfEvent(deps.db, id);
    return sendPicture(reply, frame, { of: `event "${id}"`, boxes: query.boxes === "1", max_age_s: 60 }, deps);
  });
};

async function sendPicture(
  reply: FastifyReply,
  frame: DetectionRow | null,
  { of, boxes, max_age_s }: { of: string; boxes: boolean; max_age_s: number },
  { media }: Deps,
): Promise<FastifyReply> {
  const bytes = frame?.media_key ? await media.get(frame.media_key) : null;
  if (!frame || !bytes) throw new NotFoundError(`Cannot find a picture of ${of}: none is kept`);
  reply.header("cache-control", `private, max-age=${max_age_s}`);
  reply.header("x-frame-id", frame.frame_id);
  reply.header("x-captured-at-ms", frame.captured_at_ms);
  if (!boxes) return reply.type(MEDIA_TYPES[frame.media_key!.split(".").at(-1)!] ?? "image/jpeg").send(bytes);
  const drawn = frame.set.detections.map(({ label, confidence, box }) => ({ label, confidence, ...box }));
  return reply.type("image/jpeg").send(await annotate(bytes, drawn));
}
