import type { PassageKind } from "@gatehouse/store";

/** How a turn is written: what it was asked is between these. */
const ASKED = /\bAsked: ([\s\S]*?)\s+Answered: /;

interface Ranked {
  kind: PassageKind;
  text: string;
  at_ms: number | null;
}

/**
 * What was said about a matter is much alike what is asked about it again, and no source of its own: the best turn keeps its
 * place among documents and events, the others come behind all of them; of turns with one question the newest counts alone.
 */
export function turnsAfterFacts<P extends Ranked>(ranked: readonly P[]): P[] {
  const newest = new Map<string, P>();
  for (const turn of ranked.filter(isTurn)) {
    const asked = askedIn(turn.text);
    const known = newest.get(asked);
    if (!known || (turn.at_ms ?? 0) > (known.at_ms ?? 0)) newest.set(asked, turn);
  }
  const [best, ...others] = ranked.filter((passage) => newest.get(askedIn(passage.text)) === passage);
  return [...ranked.filter((passage) => !isTurn(passage) || passage === best), ...others];
}

const isTurn = ({ kind }: Ranked): boolean => kind === "turn";
const askedIn = (text: string): string =>
  (ASKED.exec(text)?.[1] ?? text)
    .replace(/[\s\p{P}]+/gu, " ")
    .trim()
    .toLowerCase();
