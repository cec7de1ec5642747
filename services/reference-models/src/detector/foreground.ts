import type { Background } from "./background.ts";
import { distance } from "./difference.ts";
import { exorcise } from "./exorcise.ts";
import { closeGaps, removeSpecks, trimRims } from "./mask.ts";
import type { Picture } from "./picture.ts";
import type { Workspace } from "./workspace.ts";

/** Marks what differs from the scene by more than noise, and by more than the pixel is wont to. */
export function changedPixels(
  { restless, flips }: Background,
  strength: Float32Array,
  least: number,
  workspace: Workspace,
): Uint8Array {
  const changed = workspace.bytes(strength.length);
  for (let i = 0; i < changed.length; i++) {
    if (strength[i]! <= least) continue;
    const calm = Math.max(least, 3.2 * restless[i]!);
    if (strength[i]! > calm * (1 + Math.max(0, flips[i]! - 4) * 0.5)) changed[i] = 1;
  }
  return changed;
}

/** How a picture differs from its scene. */
export interface Change {
  strength: Float32Array;
  changed: Uint8Array;
  /** The least difference that was counted. */
  least: number;
}

/** What is changed and no noise, rim or ghost, and what is known to be an object's that stood here at the start. */
export function foreground(
  background: Background,
  picture: Picture,
  { strength, changed, least }: Change,
  workspace: Workspace,
): Uint8Array {
  const { tainted } = background;
  const mask = trimRims(changed, strength, picture, workspace);
  removeSpecks(mask, picture, 2, workspace);
  for (let i = 0; i < mask.length; i++) {
    if (tainted[i] === 0 || distance(picture, i, background, i) >= 2 * least) continue;
    mask[i] = 1;
    strength[i] = Math.max(strength[i]!, 3 * least);
  }
  exorcise(background, picture, mask, workspace);
  return closeGaps(mask, picture, { across: 2, down: Math.max(3, Math.round(picture.h / 60)) }, workspace);
}
