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
  #title = "";
  /** The document's title is being read; pictures have some, too, which are not seen. */
  #naming = false;
  #depth = 0;
  #unseen = 0;
  #kept = 0;
  #item = false;

  open(name: string): void {
    this.#naming ||= name === "title" && this.#title === "";
    if (UNSEEN.has(name)) this.#unseen++;
    else if (name === "br") this.#words.push("\n");
    else if (CELLS.has(name)) this.#words.push(this.#words.length > 0 ? " | " : "");
    else if (HEADING.test(name) || LINES.has(name)) this.#begin(name);
    if (name === "pre") this.#kept++;
  }

  say(words: string): void {
    if (this.#naming) this.#title += words;
    else if (this.#unseen === 0) this.#words.push(this.#kept > 0 ? words : words.replace(/\s+/g, " "));
  }

  close(name: string): void {
    if (name === "title") this.#naming = false;
    if (UNSEEN.has(name)) this.#unseen--;
    else if (HEADING.test(name) || LINES.has(name)) this.#end(name);
    if (name === "pre") this.#kept--;
  }

  end(): ReadDocument {
    this.#flush();
    const title = this.#title.replace(/\s+/g, " ").trim() || null;
    return { title: title ?? this.#blocks.find(({ depth }) => depth === 1)?.text ?? null, blocks: this.#blocks };
  }

  /** A paragraph that opens an item still is the item. */
  #begin(name: string): void {
    this.#flush();
    this.#depth = Number(HEADING.exec(name)?.[1] ?? 0);
    this.#item ||= name === "li" || name === "tr";
  }

  /** A heading or an item without words is over, too. */
  #end(name: string): void {
    this.#flush();
    if (HEADING.test(name)) this.#depth = 0;
    if (name === "li" || name === "tr") this.#item = false;
  }

  #flush(): void {
    const said = this.#words.join("");
    const text = this.#kept > 0 ? said.replace(/^\s*\n|\s+$/g, "") : said.replace(/ *\n */g, "\n").trim();
    this.#words = [];
    if (text.trim() === "") return;
    if (this.#depth > 0) this.#blocks.push(heading(this.#depth, text.replace(/\s+/g, " ").trim()));
    else this.#blocks.push(paragraph(this.#item ? `- ${text.trim()}` : text, this.#item));
    this.#depth = 0;
    this.#item = false;
  }
}
