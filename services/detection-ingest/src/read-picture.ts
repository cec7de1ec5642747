import type { CameraFrame } from "@gatehouse/events";
import { decodeGray, type GrayImage, type ImageFacts, inspectImage } from "@gatehouse/media";
import type { MessageContext } from "@gatehouse/runtime";
import type { Deps } from "./service.ts";

/** What a frame's picture is. */
export interface ReadPicture {
  image: ImageFacts;
  /** Null where no gate looks at it: then nothing was decoded. */
  gray: GrayImage | null;
  decode_ms: number;
}

/** Reads a frame's picture, and decodes it where a gate looks at it. @throws what `inspectImage` and `decodeGray` throw */
export function readPicture(
  { image: bytes, media_type }: CameraFrame,
  { rules, stillness, signal, stage }: MessageContext<Deps>,
): Promise<ReadPicture> {
  return stage("decode", async () => {
    const began_ms = Date.now();
    const image = inspectImage(bytes, { declared: media_type });
    const looked_at = stillness.enabled || rules.min_sharpness > 0;
    const gray = looked_at ? await decodeGray(bytes, image, { signal }) : null;
    return { image, gray, decode_ms: Date.now() - began_ms };
  });
}
