import { createHash } from "node:crypto";
import { type CameraFrame, cameraFrame, decodeEvent } from "@gatehouse/events";
import { checkImage } from "@gatehouse/media";
import type { PublishAck } from "@gatehouse/runtime";
import type { Deps } from "../deps.ts";
import { FrameIdReusedError } from "../errors.ts";
import { assertAllowed } from "../rate-limits.ts";
import { unlessAway } from "../unless-away.ts";

export interface FrameOrigin {
  /** Whether the sender chose the frame id: only then it can be a repeat. */
  named: boolean;
  /** The way in. */
  via: string;
  /** `content-type`, where there is one. */
  declared?: string | undefined;
  signal?: AbortSignal;
}

/**
 * Takes a picture in: checked whole, its camera known, published under its own id. Resolves when the broker has it.
 * A repeat is `duplicate`, also after the broker forgot the id; while Postgres is away such a one is taken again, which
 * changes nothing.
 * @throws what `checkImage` throws, {RateLimitedError | UnknownCameraError | FrameIdReusedError | BusUnavailableError | StreamFullError}
 */
export async function takeFrame(frame: CameraFrame, origin: FrameOrigin, deps: Deps): Promise<PublishAck> {
  const { camera_id, frame_id } = frame;
  assertAllowed(deps.rates.frames.take(camera_id), `pictures of camera "${camera_id}"`);
  const { media_type, sha256 } = await checkImage(frame.image, { declared: origin.declared, signal: origin.signal });
  // While Postgres is away detection-ingest looks for what was there before, and refuses another picture itself.
  const before = origin.named ? await unlessAway(deps.takenFrames.find(camera_id, frame_id)) : null;
  if (before && before.sha256 !== sha256) throw reused(frame);
  await deps.cameras.admit(camera_id, origin.via);
  if (before) return { stream: "CAMERA_FRAMES", seq: 0, duplicate: true };
  const kept = await deps.bus.publishEvent(
    cameraFrame,
    { ...frame, media_type },
    { headers: deps.telemetry.injectTrace({}) },
  );
  if (kept.duplicate && (await isOther(frame, sha256, kept, deps))) throw reused(frame);
  return kept;
}

/** Whether the frame that the broker already has under this id, waiting or handled meanwhile, is another picture. */
async function isOther(
  { camera_id, frame_id }: CameraFrame,
  sha256: string,
  { stream, seq }: PublishAck,
  { bus, takenFrames }: Deps,
): Promise<boolean> {
  const waiting = await bus.message(stream, seq);
  if (waiting) return createHash("sha256").update(decodeEvent(cameraFrame, waiting).image).digest("hex") !== sha256;
  const row = await takenFrames.find(camera_id, frame_id);
  return row !== null && row.sha256 !== sha256;
}

const reused = ({ camera_id, frame_id }: CameraFrame): Error =>
  new FrameIdReusedError(
    `Cannot take frame "${frame_id}" of camera "${camera_id}" as another picture already has this id`,
  );
