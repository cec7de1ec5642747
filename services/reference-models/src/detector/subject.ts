import { borderDifference, subjectThreshold } from "./border.ts";
import { closeGaps, removeSpecks } from "./mask.ts";
import type { Picture } from "./picture.ts";

/** What stands out from a single picture's border colours. */
export interface Subject {
  mask: Uint8Array;
  strength: Float32Array;
  /** The least difference that was counted. */
  least: number;
}

/** Marks the pixels that differ from every colour that the picture's border explains. */
export function subjectMask(picture: Picture): Subject {
  const { w, h } = picture;
  const strength = borderDifference(picture);
  const least = subjectThreshold(strength);
  const mask = Uint8Array.from(strength, (value) => (value > least ? 1 : 0));
  removeSpecks(mask, w, h, 3);
  return { mask: closeGaps(mask, w, h, { across: 3, down: Math.max(4, Math.round(h / 40)) }), strength, least };
}
