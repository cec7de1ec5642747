import { DocumentEmptyError, DocumentTooLargeError, UnsupportedDocumentError } from "../errors.ts";
import type { Block, ReadDocument } from "./block.ts";
import { readHtml } from "./html.ts";
import { READING } from "./limits.ts";
import { readMarkdown } from "./markdown.ts";
import { readPlainText } from "./plain-text.ts";

/** What is read, by media type. */
export const DOCUMENT_TYPES = ["text/markdown", "text/plain", "text/html", "application/pdf"] as const;
export type DocumentType = (typeof DOCUMENT_TYPES)[number];

const TEXT_READERS = { "text/markdown": readMarkdown, "text/plain": readPlainText, "text/html": readHtml };
const PDF = "%PDF-";
/** A PDF may have this many other bytes before its signature. */
const PDF_WITHIN = 1_024;
/** Control characters but tab and line feed. */
const CONTROL = /(?![\t\n])\p{Cc}/gu;

/**
 * Reads a document: what its bytes are is looked at, too. To be run where it can be stopped.
 * @throws {UnsupportedDocumentError | DocumentTooLargeError | DocumentEmptyError}; anything else: it cannot be read
 */
export async function readHere(bytes: Uint8Array, media_type: DocumentType): Promise<ReadDocument> {
  const { title, blocks } = cleaned(await parse(bytes, media_type));
  const characters = blocks.reduce((sum, { text }) => sum + text.length, 0);
  if (characters > READING.characters)
    throw new DocumentTooLargeError(
      `Cannot read a document as its text must have at most ${READING.characters} characters: current count is ${characters}`,
    );
  if (!blocks.some(({ text }) => /[\p{L}\p{N}]/u.test(text)))
    throw new DocumentEmptyError("Cannot read a document as it must have at least one word: it has none");
  return { title, blocks };
}

async function parse(bytes: Uint8Array, media_type: DocumentType): Promise<ReadDocument> {
  const is_pdf = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PDF_WITHIN)).includes(PDF);
  if (is_pdf !== (media_type === "application/pdf"))
    throw new UnsupportedDocumentError(
      `Cannot read a document as its bytes must be ${media_type}: they are ${is_pdf ? "" : "not "}application/pdf`,
    );
  if (media_type === "application/pdf") return (await import("./pdf.ts")).readPdf(bytes);
  return TEXT_READERS[media_type](decode(bytes, media_type));
}

/** UTF-8, or UTF-16 with its mark. */
function decode(bytes: Uint8Array, media_type: DocumentType): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    throw new UnsupportedDocumentError(`Cannot read a document as ${media_type} must be UTF-8: its bytes are not`);
  }
}

function cleaned({ title, blocks }: ReadDocument): ReadDocument {
  const clean = (text: string) => text.toWellFormed().replace(CONTROL, "");
  return {
    title: title === null ? null : clean(title).slice(0, 256),
    blocks: blocks.map((block): Block => ({ ...block, text: clean(block.text) })),
  };
}
