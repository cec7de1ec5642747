import { borderDifference, subjectThreshold } from "./border.ts";
import { closeGaps, removeSpecks } from "./mask.ts";
import type { Picture } from "./picture.ts";
import type { Workspace } from "./workspace.ts";

/** What stands out from a single picture's border colours. */
export interface Subject {
  mask: Uint8Array;
  strength: Float32Array;
  /** The least difference that was counted. */
  least: number;
}

/** Marks the pixels that differ from every colour that the picture's border explains. */
export function subjectMask(picture: Picture, workspace: Workspace): Subject {
  const strength = borderDifference(picture, workspace);
  const least = subjectThreshold(strength);
  const mask = Uint8Array.from(strength, (value) => (value > least ? 1 : 0));
  removeSpecks(mask, picture, 3, workspace);
  const gaps = { across: 3, down: Math.max(4, Math.round(picture.h / 40)) };
  return { mask: closeGaps(mask, picture, gaps, workspace), strength, least };
}
