import { Parser } from "htmlparser2";
import { type Block, heading, paragraph, type ReadDocument } from "./block.ts";

const UNSEEN = new Set(["script", "style", "noscript", "template", "svg", "math", "iframe", "object", "head", "nav"]);
const HEADING = /^h([1-6])$/;
/** Elements that begin a line of their own. */
const LINES = new Set(
  "address article aside blockquote body dd details div dl dt fieldset figcaption figure footer form header hr li main ol p pre section summary table tr ul".split(
    " ",
  ),
);
const CELLS = new Set(["td", "th"]);

/** HTML as a reader sees it: text by its block elements; scripts, styles and navigation are left out. */
export function readHtml(text: string): ReadDocument {
  const reader = new HtmlReader();
  const parser = new Parser(
    {
      onopentagname: (name) => reader.open(name),
      ontext: (words) => reader.say(words),
      onclosetag: (name) => reader.close(name),
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  parser.end(text);
  return reader.end();
}

/** Gathers the words between two elements that begin a line. */
class HtmlReader {
  readonly #blocks: Block[] = [];
  #words: string[] = [];
  #title: string[] | null = null;
  #depth = 0;
  #unseen = 0;
  #kept = 0;
  #item = false;

  open(name: string): void {
    if (name === "title" && this.#title === null) this.#title = [];
    if (UNSEEN.has(name)) this.#unseen++;
    else if (name === "br") this.#words.push("\n");
    else if (CELLS.has(name)) this.#words.push(this.#words.length > 0 ? " | " : "");
    else if (HEADING.test(name) || LINES.has(name)) this.#begin(name);
    if (name === "pre") this.#kept++;
  }

  say(words: string): void {
    if (this.#unseen === 0) this.#words.push(this.#kept > 0 ? words : words.replace(/\s+/g, " "));
    else if (this.#title?.length === 0 && this.#unseen === 1) this.#title.push(words);
  }

  close(name: string): void {
    if (name === "title" && this.#title?.length === 0) this.#title.push("");
    if (UNSEEN.has(name)) this.#unseen--;
    else if (HEADING.test(name) || LINES.has(name)) this.#flush();
    if (name === "pre") this.#kept--;
  }

  end(): ReadDocument {
    this.#flush();
    const title = this.#title?.join("").replace(/\s+/g, " ").trim() || null;
    return { title: title ?? this.#blocks.find(({ depth }) => depth === 1)?.text ?? null, blocks: this.#blocks };
  }

  #begin(name: string): void {
    this.#flush();
    this.#depth = Number(HEADING.exec(name)?.[1] ?? 0);
    this.#item = name === "li" || name === "tr";
  }

  #flush(): void {
    const text = this.#words
      .join("")
      .replace(/[^\S\n]+\n|\n[^\S\n]+/g, "\n")
      .replace(/^\s+|\s+$/g, "");
    if (text !== "") {
      const line =
        this.#depth > 0
          ? heading(this.#depth, text.replace(/\s+/g, " "))
          : paragraph(this.#item ? `- ${text}` : text, this.#item);
      this.#blocks.push(line);
    }
    this.#words = [];
    this.#depth = 0;
    this.#item = false;
  }
}
