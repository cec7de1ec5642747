import { ensureCamera, findCamera, type Queryable } from "@gatehouse/store";
import { UnknownCameraError } from "../errors.ts";
import { unlessAway } from "../unless-away.ts";

/** The cameras that pictures may come from. */
export interface KnownCameras {
  /**
   * Makes the camera known by its first picture, where that is allowed: while Postgres is away this is left to
   * detection-ingest. @throws {UnknownCameraError | PostgresDownError}
   */
  admit(camera_id: string, via: string): Promise<void>;
}

const MAX_REMEMBERED = 10_000;

export function createKnownCameras(db: Queryable, auto_create: boolean): KnownCameras {
  const seen = new Set<string>();
  const create = async (camera_id: string, via: string): Promise<boolean> =>
    (await unlessAway(ensureCamera(db, { camera_id, at_ms: Date.now(), via }).then(() => true))) ?? false;
  const find = async (camera_id: string): Promise<boolean> => {
    if (await findCamera(db, camera_id)) return true;
    throw new UnknownCameraError(
      `Cannot take a frame of camera "${camera_id}" as it is not known and ingest.auto_create_cameras is off`,
    );
  };
  return {
    async admit(camera_id, via) {
      if (seen.has(camera_id)) return;
      const known = auto_create ? await create(camera_id, via) : await find(camera_id);
      if (!known) return;
      if (seen.size >= MAX_REMEMBERED) seen.clear();
      seen.add(camera_id);
    },
  };
}
