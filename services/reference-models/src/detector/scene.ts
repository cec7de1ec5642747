import type { Background } from "./background.ts";
import type { Picture } from "./picture.ts";
import type { Track } from "./tracks.ts";

/** One source: its empty scene and the objects in it. Made by the first picture, changed by every further one. */
export interface Scene {
  background: Background;
  tracks: Track[];
  /** Correction of a person's expected height, learnt from persons. */
  personScale: number;
}

/** Whether the picture is of another size, so that the source begins anew. */
export function isAnotherScene({ background }: Scene, picture: Picture): boolean {
  return background.w !== picture.w || background.h !== picture.h;
}
