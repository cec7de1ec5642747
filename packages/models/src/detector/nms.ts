/** A box that a model proposes, by its corners. */
export interface Candidate {
  /** Left, top, right, bottom in pixels. */
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** 0..1 */
  confidence: number;
  /** Number of its label. */
  label: number;
}

/**
 * Of boxes of one label that overlap more than `max_overlap` (intersection over union, 0..1) keeps the most confident
 * (greedy non-maximum suppression). Gives at most `most`, the most confident first; of equals the earlier one.
 */
export function dropOverlaps<C extends Candidate>(
  candidates: readonly C[],
  { max_overlap, most }: { max_overlap: number; most: number },
): C[] {
  const kept: C[] = [];
  for (const candidate of candidates.toSorted((a, b) => b.confidence - a.confidence)) {
    if (kept.length >= most) break;
    if (!kept.some((one) => one.label === candidate.label && overlap(one, candidate) > max_overlap))
      kept.push(candidate);
  }
  return kept;
}

/** Intersection over union, 0..1; 0 where both boxes have no area. */
export function overlap(a: Candidate, b: Candidate): number {
  const width = Math.max(0, Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1));
  const height = Math.max(0, Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1));
  const shared = width * height;
  const union = areaOf(a) + areaOf(b) - shared;
  return union > 0 ? shared / union : 0;
}

const areaOf = ({ x1, y1, x2, y2 }: Candidate): number => (x2 - x1) * (y2 - y1);
