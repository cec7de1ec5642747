import type { Block } from "../reading/block.ts";
import { divideText, tailOf } from "./divide-text.ts";
import { SPLITTING } from "./limits.ts";

const CHARACTERS = 4;
/** As the store counts, which is not loaded here: each document is read in a thread of its own. */
export const tokensOf = (text: string): number => Math.ceil(text.length / CHARACTERS);
const MOST_PLACE = SPLITTING.place_tokens * CHARACTERS;
const MOST_PIECE = (SPLITTING.least_tokens / 2) * CHARACTERS;

/** Text that stays together. */
interface Piece {
  text: string;
  tight: boolean;
  /** Title and headings that it stands under. */
  place: string;
  /** Depth of the heading that it stands right below; 0: it goes on. */
  depth: number;
}

/** A heading that what follows stands under. */
interface Heading {
  depth: number;
  /** The title, the headings above it, and itself. */
  place: string;
  /** Nothing stands below it so far. */
  is_bare: boolean;
}

/**
 * Splits what a document says into passages of 400 to 800 tokens: at headings where it can, else between paragraphs. Each
 * begins with its place (title, and the headings that have room there: others are text); one that goes on in the same section repeats the end of the one before.
 * Where paragraphs alone part it, what they say decides where: a change of a text changes few of its passages.
 */
export function splitBlocks(title: string | null, blocks: readonly Block[]): string[] {
  const pieces = piecesOf(title, blocks);
  const passages: string[] = [];
  let before = "";
  for (let from = 0; from < pieces.length; ) {
    const to = endOf(pieces, from);
    const overlap = pieces[from]!.depth > 0 ? "" : tailOf(before, tokensOf(before) * SPLITTING.overlap * CHARACTERS);
    const body = joined(pieces.slice(from, to));
    passages.push([pieces[from]!.place, overlap, body].filter((part) => part !== "").join("\n\n"));
    before = body;
    from = to;
  }
  return passages;
}

/** Splits a text without marks as a document. */
export function splitText(text: string): string[] {
  return splitBlocks(null, [{ depth: 0, text, tight: false }]);
}

function piecesOf(title: string | null, blocks: readonly Block[]): Piece[] {
  const headings: Heading[] = [];
  const pieces: Piece[] = [];
  const top = (title ?? "").slice(0, MOST_PLACE).toWellFormed();
  const placeNow = () => headings.at(-1)?.place ?? top;
  let pending = 0;
  const endBare = () => {
    if (headings.at(-1)?.is_bare) pieces.push({ text: "", tight: false, place: placeNow(), depth: pending });
    pending = 0;
  };
  for (const { depth, text, tight } of blocks) {
    if (depth > 0) {
      if (headings.length > 0 && headings.at(-1)!.depth >= depth) endBare();
      while (headings.length > 0 && headings.at(-1)!.depth >= depth) headings.pop();
      pending = pending === 0 ? depth : Math.min(pending, depth);
      const place = placeBelow(text, headings, top);
      if (place !== null) {
        for (const heading of headings) heading.is_bare = false;
        headings.push({ depth, place, is_bare: true });
        continue;
      }
    }
    for (const heading of headings) heading.is_bare = false;
    for (const [at, part] of divideText(text, MOST_PIECE).entries()) {
      pieces.push({ text: part, tight: tight || at > 0, place: placeNow(), depth: pending });
      pending = 0;
    }
  }
  endBare();
  return pieces;
}

/** Where a heading stands, itself included; null where it has no room: it is text then. */
function placeBelow(text: string, headings: readonly Heading[], top: string): string | null {
  const above = headings.at(-1)?.place ?? top;
  const place = above === "" || (headings.length === 0 && text === top) ? text : `${above} > ${text}`;
  return place.length > MOST_PLACE ? null : place;
}

/** Where the passage that begins at a piece ends. */
function endOf(pieces: readonly Piece[], from: number): number {
  const room = SPLITTING.most_tokens * (1 - SPLITTING.overlap / 2) - SPLITTING.place_tokens;
  let tokens = 0;
  let best: number | null = null;
  for (let at = from; at < pieces.length; at++) {
    if (at > from && tokens >= SPLITTING.least_tokens && (best === null || isBetter(pieces[at]!, pieces[best]!)))
      best = at;
    tokens += tokensOf(pieces[at]!.text) + (at > from && pieces[at]!.depth > 0 ? tokensOf(pieces[at]!.place) : 0);
    if (tokens > room && at > from) return best ?? at;
  }
  return pieces.length;
}

/** A heading is a better place to begin, a higher one more so; of paragraphs whichever has the smaller hash. */
function isBetter(piece: Piece, than: Piece): boolean {
  const rank = ({ depth }: Piece) => (depth === 0 ? 7 : depth);
  return rank(piece) === rank(than)
    ? rank(piece) === 7 && hash(piece.text) < hash(than.text)
    : rank(piece) < rank(than);
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** The pieces as they stood, each section under its place. */
function joined(pieces: readonly Piece[]): string {
  let text = "";
  for (const [at, piece] of pieces.entries()) {
    const named = at > 0 && piece.depth > 0 ? `${piece.place}\n\n${piece.text}`.trim() : piece.text;
    text += at === 0 ? named : (piece.tight && piece.depth === 0 ? "\n" : "\n\n") + named;
  }
  return text.trim();
}
