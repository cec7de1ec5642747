import { getDocumentProxy } from "unpdf";
import { DocumentTooLargeError } from "../errors.ts";
import type { Block, ReadDocument } from "./block.ts";
import { READING } from "./limits.ts";
import { paragraphsOf } from "./plain-text.ts";

/** A piece of text on a page, as pdf.js gives it. */
interface TextItem {
  str: string;
  hasEOL: boolean;
  height: number;
  /** Its last number is the distance from the page's foot. */
  transform: number[];
}

/** From one line's foot to the next, in heights of the text, where a paragraph ends. */
const PARAGRAPH_GAP = 1.7;

/** The text of a PDF, page by page; pictures of text are not read. */
export async function readPdf(bytes: Uint8Array): Promise<ReadDocument> {
  const pdf = await getDocumentProxy(bytes, { maxImageSize: 0, verbosity: 0 });
  if (pdf.numPages > READING.pages)
    throw new DocumentTooLargeError(
      `Cannot read a PDF as it must have at most ${READING.pages} pages: current count is ${pdf.numPages}`,
    );
  const blocks: Block[] = [];
  let characters = 0;
  for (let number = 1; number <= pdf.numPages && characters <= READING.characters; number++) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    const text = pageText(items.filter((item): item is TextItem & typeof item => "str" in item));
    characters += text.length;
    for (const block of paragraphsOf(text)) blocks.push(block);
    page.cleanup();
  }
  const { info } = await pdf.getMetadata();
  const title = (info as { Title?: unknown }).Title;
  return { title: typeof title === "string" && title.trim() !== "" ? title.trim() : null, blocks };
}

/** The lines of a page; a wider gap between two begins a paragraph. */
function pageText(items: readonly TextItem[]): string {
  let text = "";
  let foot: number | null = null;
  for (const { str, hasEOL, height, transform } of items) {
    const at = transform[5]!;
    if (foot !== null && str !== "" && Math.abs(foot - at) > PARAGRAPH_GAP * Math.max(height, 1)) text += "\n";
    text += hasEOL ? `${str}\n` : str;
    if (str !== "") foot = at;
  }
  return text.replace(/(\p{Ll})-\n(?=\p{Ll})/gu, "$1");
}
