/** A part of a document that stands by itself: a heading, a paragraph, an item of a list, a table, code. */
export interface Block {
  /** 1 to 6 of a heading; 0 of anything else. */
  depth: number;
  text: string;
  /** Stands right below the one before it, as the items of a list do. */
  tight: boolean;
}

/** What a document says, in its own order. */
export interface ReadDocument {
  /** What it calls itself; null when it does not say. */
  title: string | null;
  blocks: Block[];
}

/** A document as its passages. */
export interface SplitDocument {
  /** What it calls itself; null when it does not say. */
  title: string | null;
  passages: string[];
}

export const paragraph = (text: string, tight = false): Block => ({ depth: 0, text, tight });
export const heading = (depth: number, text: string): Block => ({ depth, text, tight: false });
