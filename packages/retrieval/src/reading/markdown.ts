import { Lexer, type Token, type Tokens } from "marked";
import { type Block, heading, paragraph, type ReadDocument } from "./block.ts";

const FRONT_MATTER = /^---\n([\s\S]*?)\n(?:---|\.\.\.)(?:\n|$)/;
const TITLE = /^title:\s*(.+)$/m;

/** Markdown, its blocks as they were written: a model reads the marks well. Front matter gives the title alone. */
export function readMarkdown(text: string): ReadDocument {
  const front = FRONT_MATTER.exec(text);
  const blocks = new Lexer().blockTokens(front ? text.slice(front[0].length) : text).flatMap(blocksOf);
  const named =
    front &&
    TITLE.exec(front[1]!)?.[1]
      ?.trim()
      .replace(/^(["'])(.*)\1$/, "$2");
  return { title: named || (blocks.find(({ depth }) => depth === 1)?.text ?? null), blocks };
}

function blocksOf(token: Token): Block[] {
  if (token.type === "heading") return [heading(token.depth, token.text)];
  if (token.type === "list") return (token as Tokens.List).items.map(({ raw }, at) => paragraph(raw.trimEnd(), at > 0));
  if (token.type === "html") return written(token.raw.replace(/<!--[\s\S]*?-->/g, ""));
  if (token.type === "space" || token.type === "hr" || token.type === "def") return [];
  return written(token.raw);
}

function written(raw: string): Block[] {
  return raw.trim() === "" ? [] : [paragraph(raw.replace(/^\n+|\s+$/g, ""))];
}
