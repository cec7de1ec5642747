import type { Scene } from "./scene.ts";

/** Gives the picture at a time since the start: the scenes in their order without end, each followed by `pause_ms` of its empty view. */
export function playlist(scenes: readonly Scene[], pause_ms: number): (at_ms: number) => ReturnType<Scene["render"]> {
  const round_ms = scenes.reduce((sum, scene) => sum + scene.duration_ms + pause_ms, 0);
  return async (at_ms) => {
    let within_ms = at_ms % round_ms;
    for (const scene of scenes) {
      if (within_ms < scene.duration_ms + pause_ms) return await scene.render(within_ms);
      within_ms -= scene.duration_ms + pause_ms;
    }
    return await scenes[0]!.render(0);
  };
}
