import { type Block, paragraph, type ReadDocument } from "./block.ts";

/** Text without marks: blank lines part its paragraphs. */
export function readPlainText(text: string): ReadDocument {
  return { title: null, blocks: paragraphsOf(text) };
}

export function paragraphsOf(text: string): Block[] {
  return text
    .split(/\n[^\S\n]*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => paragraph(part));
}
