import { ensureCamera, findCamera, type Queryable } from "@gatehouse/store";
import { UnknownCameraError } from "./errors.ts";

/** The cameras that frames may come from. */
export interface KnownCameras {
  /** Makes the camera known by its first frame, where that is allowed. @throws {UnknownCameraError} */
  admit(camera_id: string, at_ms: number): Promise<void>;
}

const MAX_REMEMBERED = 10_000;

export function createKnownCameras(db: Queryable, auto_create: boolean): KnownCameras {
  const seen = new Set<string>();
  return {
    async admit(camera_id, at_ms) {
      if (seen.has(camera_id)) return;
      if (auto_create) await ensureCamera(db, { camera_id, at_ms, via: "bus" });
      else if (!(await findCamera(db, camera_id)))
        throw new UnknownCameraError(
          `Cannot take a frame of camera "${camera_id}" as it is not known and ingest.auto_create_cameras is off`,
        );
      if (seen.size >= MAX_REMEMBERED) seen.clear();
      seen.add(camera_id);
    },
  };
}
