import { type CameraStatus, cameraStatus, decodeEvent, ID_PATTERN, isId } from "@gatehouse/events";
import {
  type CameraRow,
  type DetectionRow,
  ensureCamera,
  findCamera,
  lastFrames,
  listCameras,
  writeAudit,
} from "@gatehouse/store";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";
import { BadCameraIdError, NotFoundError } from "../errors.ts";
import { nameOf } from "../http/admit.ts";

const NewCamera = Type.Object({
  camera_id: Type.String({ description: ID_PATTERN }),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
});
const STATUSES_AT_ONCE = 32;

/** Cameras: what is known of each, and what its newest frame was. */
export const camerasRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const tags = ["cameras"];
  const read = { config: { access: "viewer" } as const, schema: { tags, summary: "All cameras by id" } };
  app.get("/api/cameras", read, async () => ({
    items: await describe(await listCameras(deps.db), deps),
    next_cursor: null,
  }));

  app.get<{ Params: { id: string } }>(
    "/api/cameras/:id",
    { config: { access: "viewer" }, schema: { tags, summary: "One camera" } },
    async ({ params: { id } }) => {
      const camera = await findCamera(deps.db, id);
      if (!camera) throw new NotFoundError(`Cannot find camera "${id}"`);
      return (await describe([camera], deps))[0];
    },
  );

  const write = {
    config: { access: "operator" } as const,
    schema: { tags, summary: "Makes a camera known, or names it anew", body: NewCamera },
  };
  app.post<{ Body: Static<typeof NewCamera> }>("/api/cameras", write, async ({ body, identity }, reply) => {
    const { camera_id, name } = body;
    if (!isId(camera_id))
      throw new BadCameraIdError(
        `Cannot make a camera as its id must match [A-Za-z0-9_-]{1,64}: current value is ${JSON.stringify(camera_id.slice(0, 80))}`,
      );
    const at_ms = Date.now();
    const before = await findCamera(deps.db, camera_id);
    await deps.db.transaction(async (tx) => {
      await ensureCamera(tx, { camera_id, at_ms, via: "http", ...(name === undefined ? {} : { name }) });
      const action = before ? "camera.rename" : "camera.create";
      await writeAudit(tx, {
        at_ms,
        who: nameOf(identity!),
        action,
        target: camera_id,
        details: { name: name ?? null },
      });
    });
    const camera = await findCamera(deps.db, camera_id);
    return reply.code(before ? 200 : 201).send((await describe([camera!], deps))[0]);
  });
};

async function describe(cameras: readonly CameraRow[], deps: Deps): Promise<object[]> {
  const frames = await lastFrames(
    deps.db,
    cameras.map(({ camera_id }) => camera_id),
  );
  const byCamera = new Map(frames.map((frame) => [frame.camera_id, frame]));
  const described: object[] = [];
  for (let i = 0; i < cameras.length; i += STATUSES_AT_ONCE) {
    const some = cameras.slice(i, i + STATUSES_AT_ONCE);
    const told = await Promise.all(some.map(({ camera_id }) => statusOf(camera_id, deps)));
    described.push(...some.map((camera, j) => describeOne(camera, byCamera.get(camera.camera_id), told[j]!)));
  }
  return described;
}

function describeOne(camera: CameraRow, frame: DetectionRow | undefined, status: CameraStatus | null): object {
  const { camera_id, name, created_at_ms, first_seen_via } = camera;
  return {
    camera_id,
    name,
    created_at_ms,
    first_seen_via,
    status: status?.status ?? "unknown",
    status_reason: status?.reason ?? null,
    last_frame: frame
      ? {
          frame_id: frame.frame_id,
          captured_at_ms: frame.captured_at_ms,
          image: frame.set.image,
          detection_count: frame.set.detections.length,
          skipped: frame.set.skipped ?? null,
        }
      : null,
    snapshot: `/api/cameras/${camera_id}/snapshot`,
  };
}

/** The last word about a camera on the bus; null when there is none, or when it cannot be asked. */
async function statusOf(camera_id: string, { bus }: Deps): Promise<CameraStatus | null> {
  const subject = `camera.${camera_id}.status`;
  try {
    const message = await bus.lastMessage("CAMERA_STATE", subject);
    return message && decodeEvent(cameraStatus, message);
  } catch {
    return null;
  }
}
