import { createRequire } from "node:module";

/** libjpeg-turbo, without the pipeline that sharp builds around it. */
export type JpegTurbo = typeof import("@julusian/jpeg-turbo");

let loaded: JpegTurbo | null | undefined;

/** Loads it when it is first asked for; null on a platform that it has no build for. */
export function loadJpegTurbo(): JpegTurbo | null {
  if (loaded === undefined) loaded = tryToLoad();
  return loaded;
}

function tryToLoad(): JpegTurbo | null {
  try {
    return createRequire(import.meta.url)("@julusian/jpeg-turbo") as JpegTurbo;
  } catch {
    return null;
  }
}
