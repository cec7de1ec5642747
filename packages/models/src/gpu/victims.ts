import type { Candidate } from "./draft.ts";

/** The models that have to go for somebody. */
export interface Victims {
  /** Nobody uses them: they can go at once. */
  idle: Candidate[];
  /** They are used: they go when their holders have let go. */
  leased: Candidate[];
}

/** Of lower priority first, then least recently used. */
const worstFirst = (one: Candidate, other: Candidate): number =>
  other.priority - one.priority || one.last_used_ms - other.last_used_ms;

/**
 * Chooses whose room is taken: unused models while they suffice, else also used ones, those first that this rank comes
 * before. Null when all together are not enough. None is chosen that is not needed.
 */
export function chooseVictims(candidates: readonly Candidate[], short_mb: number, rank: number): Victims | null {
  const idle = candidates.filter(({ leased }) => !leased).sort(worstFirst);
  const leased = candidates.filter((candidate) => candidate.leased).sort(worstFirst);
  const yielding = leased.filter((candidate) => comesBefore(rank, candidate));
  const others = leased.filter((candidate) => !comesBefore(rank, candidate));
  const chosen = enough([...idle, ...yielding, ...others], short_mb);
  return (
    chosen && {
      idle: chosen.filter((candidate) => !candidate.leased),
      leased: chosen.filter((candidate) => candidate.leased),
    }
  );
}

/** Whether a waiter of this rank goes before calls of a model that come from now on. */
export const comesBefore = (rank: number, { priority }: Pick<Candidate, "priority">): boolean => rank <= priority;

function enough(inOrder: readonly Candidate[], short_mb: number): Candidate[] | null {
  const chosen: Candidate[] = [];
  let sum_mb = 0;
  for (const candidate of inOrder) {
    if (sum_mb >= short_mb) break;
    chosen.push(candidate);
    sum_mb += candidate.vram_mb;
  }
  if (sum_mb < short_mb) return null;
  // From the last chosen back: whoever is not needed after all stays.
  return chosen
    .toReversed()
    .filter(({ vram_mb }) => {
      if (sum_mb - vram_mb < short_mb) return true;
      sum_mb -= vram_mb;
      return false;
    })
    .toReversed();
}
