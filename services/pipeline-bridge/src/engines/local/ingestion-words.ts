import type { LocalRunProgress } from "@gatehouse/store";

const MOST_OF_A_FAULT = 300;

/** How far a run is, for people: `12 of 40 documents are ready`. */
export function progressWords({ waiting, put, ready, failed }: LocalRunProgress): string {
  const told = `${ready} of ${waiting + put + ready + failed} documents are ready`;
  return failed > 0 ? `${told}, ${failed} failed` : told;
}

/** How a run ended, for people: what was taken in, or what failed first. */
export function endWords(
  { ready, failed, passages, unchanged }: LocalRunProgress,
  { faults, note }: { faults: readonly { name: string; error: string | null }[]; note: string },
): string {
  const taken = `${count(ready, "document")}, ${count(passages, "passage")}${unchanged > 0 ? `, ${unchanged} unchanged` : ""}`;
  const why = faults.map(({ name, error }) => shorten(`${JSON.stringify(name)}: ${error}`));
  const more = failed > faults.length ? [`and ${failed - faults.length} more`] : [];
  const lost = failed > 0 ? [`${failed} of ${ready + failed} documents failed`, ...why, ...more] : [taken];
  return [...lost, ...(note === "" ? [] : [note])].join("; ");
}

/** `1 document`, `2 documents`. */
export const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? "" : "s"}`;

const shorten = (text: string): string =>
  text.length > MOST_OF_A_FAULT ? `${text.slice(0, MOST_OF_A_FAULT - 3)}...` : text;
