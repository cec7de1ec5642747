import { encodeJpeg } from "./draw/jpeg.ts";
import type { Scene } from "./scene.ts";
import type { Stage } from "./stage.ts";

/** A stage as the world sees it: JPEG files. */
export function makeScene(stage: Stage): Scene {
  const { name, title, site, fps, duration_ms, night } = stage.script;
  const { width, height } = site.view;
  return {
    ...{ name, title, site: site.name, width, height, fps, duration_ms, night },
    async render(at_ms) {
      const { picture, truths } = stage.frame(at_ms, { objects: true, shadows: true });
      return { jpeg: await encodeJpeg(picture), truths };
    },
    async background(at_ms, { shadows = false } = {}) {
      return await encodeJpeg(stage.frame(at_ms, { objects: false, shadows }).picture);
    },
  };
}
