import type { Site } from "../places/site.ts";
import type { Script } from "../stage.ts";

type Setting = Pick<Script, "site" | "fps" | "night" | "sensor">;

/** A bright day, as the first set has it. */
export function sunny(site: Site): Setting {
  return { site, fps: 10, night: false, sensor: { noise_sigma: 2.2 } };
}

/** Passing clouds, as the second set has them: 4 % brighter and darker within 25 s. */
export function cloudy(site: Site): Setting {
  const gain = (at_ms: number) => 1 + 0.04 * Math.sin((at_ms / 25_000) * 2 * Math.PI);
  return { site, fps: 10, night: false, sensor: { noise_sigma: 2.8, gain } };
}

/** A night seen by the camera's own infrared lamp: grey, dark towards the corners. */
export function infrared(site: Site): Setting {
  const { width, height } = site.view;
  const near = (x: number, y: number) =>
    Math.exp(-(((x / width - 0.5) / 0.41) ** 2 + ((y / height - 0.55) / 0.43) ** 2));
  return {
    site,
    fps: 10,
    night: true,
    sensor: { noise_sigma: 5, grey: true, light: (x, y) => 0.25 + 0.5 * near(x, y) },
  };
}
