import { randomBytes } from "node:crypto";
import { type CameraFrame, FRAME_ID_PATTERN, isFrameId, isId } from "@gatehouse/events";
import { FrameTooLargeError, MAX_IMAGE_BYTES } from "@gatehouse/media";
import { Type } from "@sinclair/typebox";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { PICTURE_TYPES } from "../cameras/picture-types.ts";
import { takeFrame } from "../cameras/take-frame.ts";
import type { Deps } from "../deps.ts";
import { BadCameraIdError, BadRequestError, ForbiddenError } from "../errors.ts";
import { createUploads } from "../receiving/uploads.ts";
import { mayPublish } from "../rights.ts";

type Route = { Params: { id: string } };

const schema = {
  tags: ["cameras"],
  summary: "Sends a picture in: JPEG, PNG or WebP, at most 8 MiB",
  params: Type.Object({ id: Type.String() }),
  headers: Type.Object({
    "idempotency-key": Type.Optional(Type.String({ description: `The frame's id: ${FRAME_ID_PATTERN}` })),
    "x-captured-at-ms": Type.Optional(Type.String({ description: "When it was taken, ms since the epoch" })),
  }),
  consumes: PICTURE_TYPES,
};

/** `POST /api/cameras/{id}/frames`: `202 { frame_id, duplicate }` once the broker has the picture. */
export const framesRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const uploads = createUploads(deps.config.limits.uploads_mb * 1024 * 1024); // of their own: no document keeps a camera waiting
  app.removeContentTypeParser(["application/json", "text/plain"]);
  for (const type of [/^image\//, "application/octet-stream"])
    app.addContentTypeParser(type, { parseAs: "buffer", bodyLimit: MAX_IMAGE_BYTES }, (_request, body, done) =>
      done(null, body),
    );
  const onRequest = async (request: FastifyRequest<Route>, reply: FastifyReply): Promise<void> => {
    assertMaySend(request);
    reply.raw.once("close", uploads.begin(request.headers["content-length"], MAX_IMAGE_BYTES));
  };
  const route = { schema, onRequest, config: { access: "holder", limit: "frames" } as const };
  app.post<Route>("/api/cameras/:id/frames", route, async (request, reply) => {
    const named = request.headers["idempotency-key"] as string | undefined;
    const frame = frameOf(request, named);
    const declared = request.headers["content-type"];
    const span = { service: "gateway", kind: "server", parent: request.headers } as const;
    const { duplicate } = await deps.telemetry.withSpan("POST /api/cameras/{id}/frames", span, () =>
      takeFrame(frame, { named: named !== undefined, via: "http", declared }, deps),
    );
    return reply.code(202).send({ frame_id: frame.frame_id, duplicate });
  });
};

/** Everything that can be refused before the body is read. */
function assertMaySend({ params: { id }, headers, identity }: FastifyRequest<Route>): void {
  if (!isId(id))
    throw new BadCameraIdError(
      `Cannot take a picture as the camera's id must match [A-Za-z0-9_-]{1,64}: current value is ${JSON.stringify(id.slice(0, 80))}`,
    );
  if (!identity || !mayPublish(identity, `camera.${id}.frame`))
    throw new ForbiddenError(`Cannot take a picture of camera "${id}" as this key may not send any`);
  const named = headers["idempotency-key"];
  if (named !== undefined && !isFrameId(String(named)))
    throw new BadRequestError(
      `Cannot take a picture as Idempotency-Key must match ${FRAME_ID_PATTERN}: current value is ${JSON.stringify(named.slice(0, 160))}`,
    );
  const bytes = Number(headers["content-length"] ?? 0);
  if (bytes > MAX_IMAGE_BYTES)
    throw new FrameTooLargeError(
      `Cannot take a picture as it must be at most ${MAX_IMAGE_BYTES} bytes: current length is ${bytes}`,
    );
}

function frameOf(request: FastifyRequest<Route>, named: string | undefined): CameraFrame {
  const now_ms = Date.now();
  return {
    frame_id: named ?? `${now_ms}-${randomBytes(4).toString("hex")}`,
    camera_id: request.params.id,
    captured_at_ms: capturedAt(request.headers["x-captured-at-ms"]) ?? now_ms,
    media_type: "image/jpeg",
    image: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}

function capturedAt(header: string | string[] | undefined): number | null {
  if (header === undefined) return null;
  const at_ms = Number(header);
  if (Number.isSafeInteger(at_ms) && at_ms >= 0 && header !== "") return at_ms;
  throw new BadRequestError(
    `Cannot take a picture as X-Captured-At-Ms must be milliseconds since the epoch: current value is ${JSON.stringify(header)}`,
  );
}
